//! Checks against real servers: nginx, name servers, and servers that misbehave.

#[cfg(test)]
mod http;
#[cfg(test)]
mod support;
