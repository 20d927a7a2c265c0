//! The byte stream under an HTTP exchange, counted and bounded.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Counts what goes over one connection, as the application sees it.
#[derive(Debug)]
pub(crate) struct Meter {
    read: AtomicU64,
    written: AtomicU64,
    first_byte: OnceLock<Instant>,
    limit: u64,
}

impl Meter {
    /// A meter that lets at most `limit` bytes in.
    pub fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self {
            read: AtomicU64::new(0),
            written: AtomicU64::new(0),
            first_byte: OnceLock::new(),
            limit,
        })
    }

    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    pub fn first_byte(&self) -> Option<Instant> {
        self.first_byte.get().copied()
    }

    /// Whether the peer sent more than it may.
    pub fn is_over(&self) -> bool {
        self.read() > self.limit
    }
}

/// A connection, plain or encrypted.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection with its meter.
pub(crate) struct Metered {
    pub stream: Stream,
    pub meter: Arc<Meter>,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            // Many servers close without a TLS goodbye. Whether something is missing is for the
            // message's own framing to say.
            Stream::Tls(tls) => match Pin::new(tls).poll_read(cx, buf) {
                Poll::Ready(Err(e)) if e.kind() == io::ErrorKind::UnexpectedEof => {
                    Poll::Ready(Ok(()))
                }
                other => other,
            },
        };
        if let Poll::Ready(Ok(())) = result {
            let more = (buf.filled().len() - before) as u64;
            if more > 0 {
                self.meter.first_byte.get_or_init(Instant::now);
                if self.meter.read.fetch_add(more, Ordering::Relaxed) + more > self.meter.limit {
                    return Poll::Ready(Err(io::Error::other("more data than allowed")));
                }
            }
        }
        result
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, data),
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, data),
        };
        if let Poll::Ready(Ok(n)) = result {
            self.meter.written.fetch_add(n as u64, Ordering::Relaxed);
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
