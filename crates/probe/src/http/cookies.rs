//! Cookies within one check. Protective gateways before government sites set a cookie and redirect to
//! the same address; without it the redirect would never end.

use http::HeaderMap;
use http::header::{HeaderValue, SET_COOKIE};

/// Most cookies, and most bytes of all of them, kept in one check.
const MOST: usize = 20;
const MOST_BYTES: usize = 8 * 1024;

/// Name and value pairs, each for the host that set it.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    jar: Vec<(String, Vec<u8>, Vec<u8>)>,
}

impl Cookies {
    /// Takes the cookies of a response. Says whether that changed anything.
    pub fn take(&mut self, host: &str, headers: &HeaderMap) -> bool {
        let mut changed = false;
        for header in headers.get_all(SET_COOKIE) {
            let pair = header
                .as_bytes()
                .split(|b| *b == b';')
                .next()
                .unwrap_or_default();
            let Some(eq) = pair.iter().position(|b| *b == b'=') else {
                continue;
            };
            let (name, value) = (pair[..eq].trim_ascii(), pair[eq + 1..].trim_ascii());
            if !name.is_empty() {
                changed |= self.set(host, name, value);
            }
        }
        changed
    }

    fn set(&mut self, host: &str, name: &[u8], value: &[u8]) -> bool {
        let known = self.jar.iter_mut().find(|(h, n, _)| h == host && n == name);
        if let Some((_, _, old)) = known {
            let changed = old != value;
            *old = value.to_vec();
            return changed;
        }
        let size: usize = self.jar.iter().map(|(_, n, v)| n.len() + v.len()).sum();
        let room = self.jar.len() < MOST && size + name.len() + value.len() <= MOST_BYTES;
        if room {
            self.jar
                .push((host.to_owned(), name.to_vec(), value.to_vec()));
        }
        room
    }

    /// The Cookie header for a host; `None` when there is nothing to send.
    pub fn header(&self, host: &str) -> Option<HeaderValue> {
        let mut line = Vec::new();
        for (_, name, value) in self.jar.iter().filter(|(h, _, _)| h == host) {
            if !line.is_empty() {
                line.extend_from_slice(b"; ");
            }
            line.extend_from_slice(name);
            line.push(b'=');
            line.extend_from_slice(value);
        }
        if line.is_empty() {
            None
        } else {
            HeaderValue::from_bytes(&line).ok()
        }
    }
}
