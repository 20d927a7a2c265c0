//! A web server of its own to watch. It listens on loopback only; whoever sits at the machine can make it fail.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::platform::error::{Error, Result};

/// Whether the site answers as it should.
type Up = Arc<AtomicBool>;

/// Binds the site: to the port it had before if that is free, else to any.
///
/// # Errors
/// When there is no free port.
pub async fn bind(port: Option<u16>) -> Result<TcpListener> {
    if let Some(port) = port
        && let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
    {
        return Ok(listener);
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(Error::storage)
}

/// Serves until the process ends.
pub fn serve(listener: TcpListener) {
    tokio::spawn(async move {
        let service = router().into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) = axum::serve(listener, service).await {
            tracing::error!(%error, "the demonstration's web server has ended");
        }
    });
}

fn router() -> Router {
    Router::new()
        .route("/", get(portal))
        .route("/hall", get(hall))
        .route("/-/", get(control))
        .route("/-/stop", post(stop))
        .route("/-/start", post(start))
        .with_state(Arc::new(AtomicBool::new(true)))
}

/// As long as a page of such a portal takes to make: else its history would break off here.
async fn make() {
    let millis = rand::random_range(55..110);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

async fn portal(State(up): State<Up>) -> Response {
    make().await;
    page(
        &up,
        "云溪市人民政府门户网站",
        "政务公开　办事服务　互动交流　数据开放",
    )
}

async fn hall(State(up): State<Up>) -> Response {
    make().await;
    page(
        &up,
        "云溪市网上办事大厅",
        "个人办事　法人办事　社保查询　税务申报",
    )
}

fn page(up: &Up, title: &str, text: &str) -> Response {
    if !up.load(Ordering::SeqCst) {
        return (StatusCode::SERVICE_UNAVAILABLE, "503").into_response();
    }
    Html(format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>"
    ))
    .into_response()
}

async fn control(State(up): State<Up>) -> Html<String> {
    let (word, action, button) = if up.load(Ordering::SeqCst) {
        ("正常", "stop", "让它出故障")
    } else {
        ("故障中（503）", "start", "恢复")
    };
    Html(format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>演示站点</title>\
         <h1>演示站点：{word}</h1><form method=\"post\" action=\"/-/{action}\"><button>{button}</button></form></html>"
    ))
}

async fn stop(State(up): State<Up>, headers: HeaderMap) -> Response {
    switch(&up, &headers, false)
}

async fn start(State(up): State<Up>, headers: HeaderMap) -> Response {
    switch(&up, &headers, true)
}

/// A page on another site must not be able to switch it.
fn switch(up: &Up, headers: &HeaderMap, to: bool) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let foreign = text("origin").is_some_and(|origin| {
        origin.strip_prefix("http://") != text("host") || text("host").is_none()
    });
    if foreign {
        return StatusCode::FORBIDDEN.into_response();
    }
    up.store(to, Ordering::SeqCst);
    Redirect::to("/-/").into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn ask(router: &Router, method: &str, path: &str, origin: Option<&str>) -> StatusCode {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:9");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let request = request.body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn the_site_fails_when_told_so_by_its_own_page_only() {
        let router = router();
        assert_eq!(ask(&router, "GET", "/", None).await, 200);
        assert_eq!(
            ask(&router, "POST", "/-/stop", Some("http://evil.example")).await,
            403
        );
        assert_eq!(ask(&router, "GET", "/-/stop", None).await, 405);
        assert_eq!(ask(&router, "GET", "/hall", None).await, 200);
        let own = Some("http://127.0.0.1:9");
        assert_eq!(ask(&router, "POST", "/-/stop", own).await, 303);
        assert_eq!(ask(&router, "GET", "/", None).await, 503);
        assert_eq!(ask(&router, "POST", "/-/start", None).await, 303);
        assert_eq!(ask(&router, "GET", "/", None).await, 200);
    }
}
