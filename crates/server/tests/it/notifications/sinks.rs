//! The other side: a mail server and a web server that keep what they are sent.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// One mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub data: String,
}

impl Mail {
    /// The HTML part, decoded (RFC 2045, quoted-printable).
    pub fn html(&self) -> String {
        let (_, part) = self.data.split_once("Content-Type: text/html").unwrap();
        let (head, rest) = part.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("quoted-printable"), "{head}");
        let (text, _) = rest.split_once("\r\n--").unwrap();
        let text = text.replace("=\r\n", "");
        let mut pieces = text.split('=');
        let mut bytes = pieces.next().unwrap().as_bytes().to_vec();
        for piece in pieces {
            bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
            bytes.extend(&piece.as_bytes()[2..]);
        }
        String::from_utf8(bytes).unwrap()
    }
}

/// A mail server (RFC 5321). It refuses mailboxes that begin with `gone`.
pub struct MailSink {
    pub port: u16,
    kept: Arc<Kept>,
}

/// What its sessions share.
#[derive(Default)]
struct Kept {
    mails: Mutex<Vec<Mail>>,
    /// A command, and the answer it gets instead of the usual one.
    refusal: Mutex<Option<(String, String)>>,
}

/// When a mail server protects the connection.
enum Tls {
    Never,
    /// Once asked to (RFC 3207); no mail is taken before.
    Asked(TlsAcceptor),
    /// From the first byte (RFC 8314).
    Always(TlsAcceptor),
}

/// A certificate for `127.0.0.1` that no one knows, as PEM, and what a server needs to show it.
pub fn certificate() -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

impl MailSink {
    pub async fn start() -> Self {
        Self::listen(Tls::Never).await
    }

    /// One that wants STARTTLS.
    pub async fn starttls(acceptor: TlsAcceptor) -> Self {
        Self::listen(Tls::Asked(acceptor)).await
    }

    /// One that speaks TLS from the first byte.
    pub async fn tls(acceptor: TlsAcceptor) -> Self {
        Self::listen(Tls::Always(acceptor)).await
    }

    async fn listen(tls: Tls) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::new(Kept::default());
        let (shared, tls) = (Arc::clone(&kept), Arc::new(tls));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&tls), Arc::clone(&shared)));
            }
        });
        Self { port, kept }
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.kept.mails.lock().unwrap().clone()
    }

    /// Answers a command so from now on.
    pub fn refuse(&self, verb: &str, answer: &str) {
        *self.kept.refusal.lock().unwrap() = Some((verb.to_owned(), format!("{answer}\r\n")));
    }

    /// Takes everything again.
    pub fn accept(&self) {
        *self.kept.refusal.lock().unwrap() = None;
    }
}

async fn answer(stream: TcpStream, tls: Arc<Tls>, kept: Arc<Kept>) -> Option<()> {
    match tls.as_ref() {
        Tls::Never => {
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 sink ESMTP\r\n").await.ok()?;
            session(stream, kept).await
        }
        Tls::Always(acceptor) => {
            let mut stream = BufReader::new(acceptor.accept(stream).await.ok()?);
            stream.write_all(b"220 sink ESMTP\r\n").await.ok()?;
            session(stream, kept).await
        }
        Tls::Asked(acceptor) => {
            let mut stream = BufReader::new(stream);
            stream.write_all(b"220 sink ESMTP\r\n").await.ok()?;
            loop {
                let line = line(&mut stream).await?.to_ascii_uppercase();
                let answer: &[u8] = match line.split([' ', '\r']).next()? {
                    "EHLO" => b"250-sink\r\n250 STARTTLS\r\n",
                    "STARTTLS" => b"220 go ahead\r\n",
                    _ => b"530 5.7.0 STARTTLS first\r\n",
                };
                stream.write_all(answer).await.ok()?;
                if line.starts_with("STARTTLS") {
                    break;
                }
            }
            let stream = acceptor.accept(stream.into_inner()).await.ok()?;
            session(BufReader::new(stream), kept).await
        }
    }
}

async fn session<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    kept: Arc<Kept>,
) -> Option<()> {
    let mut to = String::new();
    loop {
        let line = line(&mut stream).await?;
        let verb = line.split([' ', '\r']).next()?.to_ascii_uppercase();
        let refusal = kept.refusal.lock().unwrap().clone();
        let refusal = refusal.filter(|(refused, _)| *refused == verb);
        if let Some((_, answer)) = refusal {
            stream.write_all(answer.as_bytes()).await.ok()?;
            continue;
        }
        let answer = match verb.as_str() {
            "EHLO" => "250-sink\r\n250 8BITMIME\r\n",
            "RCPT" if line.contains("<gone") => "550 5.1.1 no such mailbox\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1)?.to_owned();
                "250 ok\r\n"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                let data = data(&mut stream).await?;
                kept.mails.lock().unwrap().push(Mail {
                    to: to.clone(),
                    data,
                });
                "250 2.0.0 queued as 4711\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await.ok()?;
                return None;
            }
            "MAIL" | "RSET" | "NOOP" => "250 ok\r\n",
            _ => "500 what\r\n",
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).await.ok()? > 0).then_some(line)
}

async fn data(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut data = String::new();
    loop {
        let line = line(stream).await?;
        if line == ".\r\n" {
            return Some(data);
        }
        data.push_str(&line);
    }
}

/// A port where somebody answers the phone and says nothing.
pub async fn silent_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    port
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: String,
}

impl Asked {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A web server that answers everything with the same text.
pub struct WebSink {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    answer: Arc<Mutex<Said>>,
}

/// An answer: status, headers, body.
type Said = (u16, Vec<(String, String)>, String);

impl WebSink {
    pub async fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answer: Said = (200, Vec::new(), answer.to_owned());
        let answer = Arc::new(Mutex::new(answer));
        let (seen, said) = (Arc::clone(&asked), Arc::clone(&answer));
        let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            seen.lock().unwrap().push(Asked {
                method,
                uri,
                headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            });
            let (status, headers, text) = said.lock().unwrap().clone();
            let mut answer = (StatusCode::from_u16(status).unwrap(), text).into_response();
            for (name, value) in headers {
                let name: HeaderName = name.parse().unwrap();
                answer.headers_mut().insert(name, value.parse().unwrap());
            }
            answer
        };
        let router = axum::Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked, answer }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn answer(&self, status: u16, text: &str) {
        self.answer_with(status, &[], text);
    }

    pub fn answer_with(&self, status: u16, headers: &[(&str, &str)], text: &str) {
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        *self.answer.lock().unwrap() = (status, headers.collect(), text.to_owned());
    }
}
