//! A whole HTTP check: the hops of its redirects, then the judgement.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use tokio::time::Instant;

use super::cookies::Cookies;
use super::exchange::{Answer, exchange};
use super::page::{decode, decompress};
use super::plan::Plan;
use super::target::Target;
use crate::config::RedirectMode;
use crate::log::{Note, excerpt};
use crate::net::locate;
use crate::prober::Shared;
use crate::reason::{Failure, Fault, Reason, short};
use crate::trace::Trace;

/// Headers worth showing when a check failed.
const TELLING: [header::HeaderName; 6] = [
    header::SERVER,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::LOCATION,
    header::RETRY_AFTER,
];

/// Where the check stands on its way through redirects.
struct Journey<'p> {
    plan: &'p Plan,
    target: Target,
    method: Method,
    cookies: Cookies,
    seen: HashSet<Arc<str>>,
    hops: u8,
}

impl Plan {
    pub(crate) async fn run(
        &self,
        shared: &Shared,
        deadline: Instant,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let mut journey = Journey {
            plan: self,
            target: self.target.clone(),
            method: self.method.clone(),
            cookies: Cookies::default(),
            seen: HashSet::new(),
            hops: 0,
        };
        let answer = loop {
            let answer = journey.ask(shared, deadline, trace).await?;
            if !is_redirect(answer.status, &answer.headers)
                || self.redirect.mode == RedirectMode::Judge
            {
                break answer;
            }
            journey.follow(&answer, trace)?;
        };
        trace.answered = true;
        if journey.hops > 0 {
            trace.final_url = Some(journey.target.url.to_string());
        }
        let verdict = self.judge(&journey, &answer, trace);
        if verdict.is_err() {
            tell(&answer, trace);
        }
        verdict
    }

    fn judge(
        &self,
        journey: &Journey<'_>,
        answer: &Answer,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        if !self.expects(answer.status.as_u16()) {
            return Err(Reason::UnexpectedStatus {
                status: answer.status.as_u16(),
            }
            .into());
        }
        if let Some(wanted) = &self.redirect.land_on
            && !journey.target.url.starts_with(wanted.as_str())
        {
            return Err(Reason::WrongLanding {
                url: short(&journey.target.url),
            }
            .into());
        }
        if !self.reading.keep {
            return Ok(());
        }
        let value = |name| {
            answer
                .headers
                .get(name)
                .and_then(|v| v.to_str().ok())
                .unwrap_or_default()
        };
        let limit = usize::try_from(self.reading.limit).unwrap_or(usize::MAX);
        let body = decompress(&answer.body, value(header::CONTENT_ENCODING), limit)?;
        let (page, charset) = decode(&body, value(header::CONTENT_TYPE));
        let verdict = self.look_for_keywords(&page);
        if verdict.is_err() {
            let bytes = body.len() as u64;
            trace.note(Note::Body {
                bytes,
                truncated: false,
                charset: Some(charset.into()),
            });
            trace.note(excerpt(&page));
        }
        verdict
    }

    fn look_for_keywords(&self, page: &str) -> Result<(), Failure> {
        if let Some(missing) = self.contains.iter().find(|k| !page.contains(k.as_str())) {
            return Err(Reason::KeywordMissing {
                keyword: missing.clone(),
            }
            .into());
        }
        match self.not_contains.iter().find(|k| page.contains(k.as_str())) {
            Some(present) => Err(Reason::KeywordPresent {
                keyword: present.clone(),
            }
            .into()),
            None => Ok(()),
        }
    }
}

impl Journey<'_> {
    async fn ask(
        &mut self,
        shared: &Shared,
        deadline: Instant,
        trace: &mut Trace,
    ) -> Result<Answer, Failure> {
        let plan = self.plan;
        let prescribed = plan
            .connect_to
            .filter(|_| self.target.same_origin(&plan.target));
        let (addresses, port): (Vec<IpAddr>, u16) = match prescribed {
            Some((ip, port)) => (vec![ip], port.unwrap_or(self.target.port)),
            None => {
                let found =
                    locate(shared, &self.target.host, plan.family, &plan.servers, trace).await?;
                (found, self.target.port)
            }
        };
        let request = self.request()?;
        let judge_redirects = plan.redirect.mode == RedirectMode::Judge;
        let skip = |status, headers: &HeaderMap| is_redirect(status, headers) && !judge_redirects;
        let (target, judge, reading) = (&self.target, &plan.judge, plan.reading);
        exchange(
            shared, &addresses, port, target, judge, request, reading, skip, deadline, trace,
        )
        .await
    }

    /// The request for the present target. Another origin sees neither own headers nor credentials.
    fn request(&self) -> Result<Request<Full<Bytes>>, Failure> {
        let plan = self.plan;
        let sends_body = self.method == plan.method;
        let body = if sends_body {
            plan.body.clone()
        } else {
            Bytes::new()
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.path.clone();
        let mut headers = plan.common.clone();
        headers.insert(header::HOST, self.target.authority.clone());
        if self.target.same_origin(&plan.target) {
            for (name, value) in &plan.own {
                headers.insert(name.clone(), value.clone());
            }
        }
        if let Some(cookies) = self.cookies.header(self.target.host_name()) {
            headers.insert(header::COOKIE, cookies);
        }
        *request.headers_mut() = headers;
        Ok(request)
    }

    fn follow(&mut self, answer: &Answer, trace: &mut Trace) -> Result<(), Failure> {
        let Some(location) = answer.headers.get(header::LOCATION) else {
            return Err(Fault::Internal {
                detail: "redirect without a location".into(),
            }
            .into());
        };
        let to = || short(&String::from_utf8_lossy(location.as_bytes()));
        if self.plan.redirect.mode == RedirectMode::Forbid {
            return Err(Reason::RedirectForbidden { to: to() }.into());
        }
        let next = self
            .target
            .join(location)
            .map_err(|_| Reason::RedirectInvalid { to: to() })?;
        trace.note(Note::Redirected {
            to: short(&next.url),
        });
        if self.cookies.take(self.target.host_name(), &answer.headers) {
            // A new cookie may change what the same address answers.
            self.seen.clear();
        } else {
            self.seen.insert(Arc::clone(&self.target.url));
        }
        if self.hops >= self.plan.redirect.max {
            return Err(Reason::TooManyRedirects {
                limit: self.plan.redirect.max,
            }
            .into());
        }
        self.hops += 1;
        self.method = next_method(&self.method, answer.status);
        if self.seen.contains(&next.url) {
            return Err(Reason::RedirectLoop {
                url: short(&next.url),
            }
            .into());
        }
        self.target = next;
        Ok(())
    }
}

fn is_redirect(status: StatusCode, headers: &HeaderMap) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) && headers.contains_key(header::LOCATION)
}

/// As browsers do: 303 becomes GET, 301 and 302 turn POST into GET, 307 and 308 keep everything.
fn next_method(method: &Method, status: StatusCode) -> Method {
    match status.as_u16() {
        303 if *method != Method::HEAD => Method::GET,
        301 | 302 if *method == Method::POST => Method::GET,
        _ => method.clone(),
    }
}

/// Notes what a person wants to see of a response that was not right.
fn tell(answer: &Answer, trace: &mut Trace) {
    for name in TELLING {
        if let Some(value) = answer.headers.get(&name) {
            let value = short(&String::from_utf8_lossy(value.as_bytes()));
            trace.note(Note::Header {
                name: name.to_string(),
                value,
            });
        }
    }
    let content_type = answer
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    let compressed = answer.headers.contains_key(header::CONTENT_ENCODING);
    if !answer.body.is_empty() && !compressed {
        let head = &answer.body[..answer.body.len().min(1_024)];
        trace.note(excerpt(&decode(head, content_type.unwrap_or_default()).0));
    }
}
