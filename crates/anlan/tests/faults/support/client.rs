//! HTTP by hand: what is sent must not be tidied, and what breaks must be seen.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than any answer may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Somebody at the other end of the line.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    cookie: String,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Client {
    /// Not signed in.
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookie: String::new(),
        }
    }

    /// The same person at a server that was started again.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self {
            address,
            cookie: self.cookie.clone(),
        }
    }

    /// Signs in.
    pub fn sign_in(&mut self, login: &str, password: &str) {
        let credentials = serde_json::json!({ "login": login, "password": password });
        let reply = self.post("/session", &credentials).expect("an answer");
        assert_eq!(reply.status, 200, "{reply}");
        let cookie = reply.header("set-cookie").expect("a cookie");
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    }

    pub fn get(&self, path: &str) -> Result<Reply> {
        self.send("GET", path, &[], b"")
    }

    pub fn post(&self, path: &str, json: &Value) -> Result<Reply> {
        self.json("POST", path, &[], json)
    }

    pub fn json(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        json: &Value,
    ) -> Result<Reply> {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(method, path, &all, json.to_string().as_bytes())
    }

    /// Uploads a file.
    pub fn attach(&self, ticket: &str, name: &str, content: &[u8]) -> Result<Reply> {
        let mut body = format!(
            "--limit\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--limit--\r\n");
        let kind = ("content-type", "multipart/form-data; boundary=limit");
        self.send(
            "POST",
            &format!("/tickets/{ticket}/attachments"),
            &[kind],
            &body,
        )
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply> {
        let mut request = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: anlan\r\nconnection: close\r\nx-anlan: 1\r\ncontent-length: {}\r\n",
            body.len()
        );
        if !self.cookie.is_empty() {
            request += &format!("cookie: {}\r\n", self.cookie);
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += "\r\n";
        self.exchange(&[request.as_bytes(), body].concat())
    }

    /// Sends these bytes as they are and reads until the server closes.
    pub fn raw(&self, request: &[u8]) -> Result<Vec<u8>> {
        let mut stream = self.connect()?;
        // A server that has seen enough answers and closes before all was sent.
        let sent = stream.write_all(request);
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if answer.is_empty() => Err(error),
            _ if answer.is_empty() => sent.map(|()| answer),
            _ => Ok(answer),
        }
    }

    /// Sends one request, which says `connection: close`, and reads the answer.
    pub fn exchange(&self, request: &[u8]) -> Result<Reply> {
        Reply::parse(&self.raw(request)?)
    }

    /// Asks for something that does not end.
    pub fn open(&self, path: &str) -> Result<TcpStream> {
        let mut stream = self.connect()?;
        let cookie = &self.cookie;
        let request = format!(
            "GET /api/v1{path} HTTP/1.1\r\nhost: anlan\r\nx-anlan: 1\r\ncookie: {cookie}\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        Ok(stream)
    }

    /// An open line.
    pub fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        Ok(stream)
    }
}

impl Reply {
    /// Reads an answer apart; one that is not whole is an error.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let broken = || Error::new(ErrorKind::UnexpectedEof, "the answer is not whole");
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n");
        let end = end.ok_or_else(broken)?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.get(9..12).and_then(|digits| digits.parse().ok());
        let mut reply = Self {
            status: status.ok_or_else(broken)?,
            head,
            body: bytes[end + 4..].to_vec(),
        };
        if reply.header("transfer-encoding").is_some() {
            reply.body = unchunked(&reply.body).ok_or_else(broken)?;
        } else if let Some(length) = reply.header("content-length") {
            let length: usize = length.parse().map_err(|_| broken())?;
            reply.body = reply.body.get(..length).ok_or_else(broken)?.to_vec();
        }
        Ok(reply)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }

    #[track_caller]
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{self}: {error}"))
    }

    /// The body of what went well.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self}");
        if self.body.is_empty() {
            return Value::Null;
        }
        self.value()
    }

    /// The code of a problem document; fails when it is none.
    #[track_caller]
    pub fn problem(&self) -> String {
        let kind = self.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{self}");
        let problem = self.value();
        let text = |key: &str| problem[key].as_str().unwrap_or_default().to_owned();
        assert!(!text("title").is_empty(), "{self}");
        assert!(!text("title").starts_with("error."), "{self}");
        text("code")
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}

fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let line = bytes.windows(2).position(|part| part == b"\r\n")?;
        let size = std::str::from_utf8(&bytes[..line]).ok()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        bytes = &bytes[line + 2..];
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(bytes.get(..size)?);
        bytes = bytes.get(size + 2..)?;
    }
}
