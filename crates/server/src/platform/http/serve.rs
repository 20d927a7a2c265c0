//! The loop over connections: axum's own, with limits on what a slow client may take.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

/// How long the head of a request may take, and how long a connection may idle between two.
const HEAD: Duration = Duration::from_secs(30);
/// How long requests may go on after the end was asked for: one slow client is no reason to stay.
const GRACE: Duration = Duration::from_secs(10);
/// The pause when no connection can be accepted: one has to end first.
const EXHAUSTED: Duration = Duration::from_secs(1);

/// Serves until `ended`, then lets running requests finish for a while.
pub async fn serve(listener: TcpListener, router: Router, ended: impl Future<Output = ()>) {
    let mut ended = pin!(ended);
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = &mut ended => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, router.clone(), stopping.clone()));
                }
                Err(error) if gave_up(error.kind()) => {}
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    sleep(EXHAUSTED).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop((listener, stop));
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(GRACE, finished).await.is_err() {
        tracing::info!("connections that did not end were closed");
    }
}

/// Whether it was the client that went away before it was accepted.
const fn gave_up(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut stopping: watch::Receiver<()>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        ended = connection.as_mut() => return said(ended),
        // Fails once the sender is gone, which is the signal.
        _ = stopping.changed() => connection.as_mut().graceful_shutdown(),
    }
    said(connection.await);
}

/// A broken connection is the client's affair.
fn said(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
