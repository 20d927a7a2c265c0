//! One request and its response, over a fresh connection.

use std::future::{Future, poll_fn};
use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::Instant;

use super::io::{Meter, Metered, Stream};
use super::target::Target;
use crate::log::Note;
use crate::net::{broken, connect};
use crate::prober::Shared;
use crate::reason::{Failure, Phase, Reason, short};
use crate::tls::Judge;
use crate::trace::Trace;

/// Largest response header.
const HEADER_LIMIT: usize = 64 * 1024;
/// Most header fields.
const MOST_FIELDS: usize = 256;
/// What a body may need on the wire beyond itself: framing, the header, interim responses.
const OVERHEAD: u64 = 1 << 20;
/// Bytes of a page kept for the log when nothing is looked for in it.
const EXCERPT: usize = 1_024;

/// A response.
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// How the body is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Bytes that are read at most.
    pub limit: u64,
    /// Whether a longer body is a failure.
    pub fail_over_limit: bool,
    /// Whether all of it is kept, or only its beginning.
    pub keep: bool,
}

/// Connects, shakes hands if need be, asks, and reads the answer. `skip_body` decides from status and
/// headers whether the body is of no interest.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one exchange; a struct would only rename them"
)]
pub(super) async fn exchange(
    shared: &Shared,
    addresses: &[IpAddr],
    port: u16,
    target: &Target,
    judge: &Judge,
    request: Request<Full<Bytes>>,
    reading: Reading,
    skip_body: impl Fn(StatusCode, &HeaderMap) -> bool,
    deadline: Instant,
    trace: &mut Trace,
) -> Result<Answer, Failure> {
    let tcp = connect(addresses, port, deadline, trace).await?;
    let stream = match &target.server_name {
        None => Stream::Plain(tcp),
        Some(name) => Stream::Tls(Box::new(
            shared.tls.handshake(tcp, name, judge, true, trace).await?,
        )),
    };
    let meter = Meter::new(reading.limit + reading.limit / 2 + OVERHEAD);
    trace.watch(Arc::clone(&meter));
    trace.enter(Phase::FirstByte);
    trace.note(Note::Requested {
        method: request.method().to_string(),
        url: Arc::clone(&target.url),
    });
    let io = TokioIo::new(Metered {
        stream,
        meter: Arc::clone(&meter),
    });
    let mut builder = http1::Builder::new();
    builder
        .max_buf_size(HEADER_LIMIT)
        .max_headers(MOST_FIELDS)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    let (mut sender, connection) = builder
        .handshake(io)
        .await
        .map_err(|e| failure(&e, Phase::FirstByte, &meter))?;
    let mut connection = Driven {
        connection: pin!(connection),
        done: false,
    };

    let response = connection.alongside(sender.send_request(request)).await;
    let response = response.map_err(|e| failure(&e, Phase::FirstByte, &meter))?;
    trace.enter_at(
        Phase::Transfer,
        meter.first_byte().unwrap_or_else(std::time::Instant::now),
    );
    let (head, body) = response.into_parts();
    trace.status = Some(head.status.as_u16());
    trace.note(Note::Responded {
        status: head.status.as_u16(),
        version: version(head.version).into(),
    });
    let body = if skip_body(head.status, &head.headers) {
        Vec::new()
    } else {
        connection
            .alongside(read_body(body, reading, &meter, trace))
            .await?
    };
    trace.leave();
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body,
    })
}

async fn read_body(
    mut body: Incoming,
    reading: Reading,
    meter: &Meter,
    trace: &mut Trace,
) -> Result<Vec<u8>, Failure> {
    let keep = if reading.keep {
        usize::try_from(reading.limit).unwrap_or(usize::MAX)
    } else {
        EXCERPT
    };
    let mut kept = Vec::new();
    let mut bytes = 0_u64;
    let mut truncated = false;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| failure(&e, Phase::Transfer, meter))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        bytes += data.len() as u64;
        kept.extend_from_slice(&data[..data.len().min(keep.saturating_sub(kept.len()))]);
        if bytes > reading.limit {
            if reading.fail_over_limit {
                return Err(Reason::BodyTooLarge {
                    limit: reading.limit,
                }
                .into());
            }
            truncated = true;
            break;
        }
    }
    trace.note(Note::Body {
        bytes,
        truncated,
        charset: None,
    });
    Ok(kept)
}

/// hyper's connection, driven by the task that waits for its results: no second task per check.
struct Driven<'a, C> {
    connection: Pin<&'a mut C>,
    done: bool,
}

impl<C: Future> Driven<'_, C> {
    async fn alongside<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        poll_fn(|cx| {
            if !self.done && self.connection.as_mut().poll(cx).is_ready() {
                self.done = true;
            }
            work.as_mut().poll(cx)
        })
        .await
    }
}

/// What hyper's error means for the target.
fn failure(error: &hyper::Error, phase: Phase, meter: &Meter) -> Failure {
    if meter.is_over() {
        return Reason::TooMuchData {
            bytes: meter.read(),
        }
        .into();
    }
    let phase = if phase == Phase::FirstByte && meter.first_byte().is_some() {
        Phase::Transfer
    } else {
        phase
    };
    // hyper tells this apart by a method only when its server half is compiled in.
    if error.is_parse() && error.to_string().contains("too large") {
        return Reason::HeaderTooLarge.into();
    }
    if error.is_parse() {
        return Reason::NotHttp {
            detail: short(&error.to_string()),
        }
        .into();
    }
    if error.is_incomplete_message() {
        return Reason::ClosedEarly { phase }.into();
    }
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return match io.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Reason::BodyBroken {
                    detail: short(&io.to_string()),
                }
                .into(),
                _ => broken(io, phase),
            };
        }
        source = inner.source();
    }
    if error.is_canceled() || error.is_closed() {
        return Reason::ClosedEarly { phase }.into();
    }
    Reason::NotHttp {
        detail: short(&error.to_string()),
    }
    .into()
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}
