//! Checks against real servers: nginx, name servers, and servers that misbehave.

#[cfg(test)]
mod config;
#[cfg(test)]
mod dns;
#[cfg(test)]
mod http;
#[cfg(test)]
mod icmp;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tcp;
#[cfg(test)]
mod testkit;
#[cfg(test)]
mod tls;
