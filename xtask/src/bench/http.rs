//! A small HTTP/1.1 client that keeps its connection: enough to load our own server from many
//! threads, and little enough that it costs the measured machine almost nothing.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(60);

/// One connection and the headers sent with every request.
pub struct Client {
    address: SocketAddr,
    headers: String,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Lower-case names.
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON, when the status says success; else an error that shows the answer.
    pub fn json(&self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!(
                "status {}: {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            );
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).context("the answer is not JSON")
    }
}

impl Client {
    /// A client of the server at `address`; it connects with its first request.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            headers: String::new(),
            stream: None,
        }
    }

    /// Sends this header with every request from now on.
    pub fn always(&mut self, name: &str, value: &str) {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
    }

    /// A client with the same headers and a connection of its own.
    pub fn another(&self) -> Self {
        Self {
            address: self.address,
            headers: self.headers.clone(),
            stream: None,
        }
    }

    /// `GET`.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.send("GET", path, "", None)
    }

    /// A request with a JSON body and, where the API asks for one, extra headers
    /// (`Name: value\r\n` each).
    pub fn json(&mut self, method: &str, path: &str, extra: &str, body: &Value) -> Result<Answer> {
        self.send(method, path, extra, Some(body.to_string()))
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        extra: &str,
        body: Option<String>,
    ) -> Result<Answer> {
        let body = body.unwrap_or_default();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}{extra}",
            self.address, self.headers
        );
        if method != "GET" {
            request.push_str("Content-Type: application/json\r\n");
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(&body);

        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        stream
            .get_mut()
            .write_all(request.as_bytes())
            .context("cannot send")?;
        let answer = read(&mut stream).with_context(|| format!("{method} {path}"))?;
        if answer.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    fn connect(&self) -> Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(self.address).context("cannot connect")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(BufReader::new(stream))
    }
}

fn read(stream: &mut impl BufRead) -> Result<Answer> {
    let first = line(stream)?;
    let status = first
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .with_context(|| format!("not an HTTP status line: {first:?}"))?;
    let mut headers = Vec::new();
    loop {
        let header = line(stream)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').context("not a header")?;
        headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if answer.header("transfer-encoding") == Some("chunked") {
        chunks(stream, &mut answer.body)?;
    } else if let Some(length) = answer.header("content-length") {
        let length: usize = length.parse().context("content-length")?;
        answer.body.resize(length, 0);
        stream.read_exact(&mut answer.body)?;
    }
    Ok(answer)
}

fn chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> Result<()> {
    loop {
        let size = line(stream)?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16)
            .context("chunk size")?;
        stream
            .by_ref()
            .take(u64::try_from(size)?)
            .read_to_end(body)?;
        line(stream)?;
        if size == 0 {
            return Ok(());
        }
    }
}

fn line(stream: &mut impl BufRead) -> Result<String> {
    let mut text = String::new();
    if stream.read_line(&mut text)? == 0 {
        bail!("the connection was closed");
    }
    Ok(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_by_length_and_by_chunks() {
        let plain = "HTTP/1.1 201 Created\r\nContent-Length: 7\r\nETag: \"1\"\r\n\r\n{\"a\":1}rest";
        let answer = read(&mut plain.as_bytes()).unwrap();
        assert_eq!((answer.status, answer.header("etag")), (201, Some("\"1\"")));
        assert_eq!(answer.json().unwrap()["a"], 1);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3;x\r\n:2}\r\n0\r\n\r\n";
        assert_eq!(
            read(&mut chunked.as_bytes()).unwrap().json().unwrap()["a"],
            2
        );
        let empty = "HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(
            read(&mut empty.as_bytes()).unwrap().json().unwrap(),
            Value::Null
        );
    }

    #[test]
    fn an_error_answer_is_shown_and_a_cut_one_is_an_error() {
        let refused = "HTTP/1.1 409 Conflict\r\nContent-Length: 5\r\n\r\nstale";
        let error = read(&mut refused.as_bytes()).unwrap().json().unwrap_err();
        assert_eq!(error.to_string(), "status 409: stale");
        assert!(read(&mut "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".as_bytes()).is_err());
        assert!(read(&mut "".as_bytes()).is_err());
    }
}
