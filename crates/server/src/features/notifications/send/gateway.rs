//! A generic HTTP gateway, as most government SMS platforms offer one.

use std::str::FromStr;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};

use super::template::{Sample, render};
use super::web::Answer;
use super::{Failure, Letter, one_line, web};
use crate::features::notifications::config::{Http, Secrets};

/// A gateway's line.
#[derive(Debug)]
pub struct Gateway {
    http: Http,
    secrets: Secrets,
    client: Client,
}

impl Gateway {
    pub fn new(http: &Http, secrets: &Secrets) -> Result<Self, Failure> {
        Ok(Self {
            http: http.clone(),
            secrets: secrets.clone(),
            client: web::client(&http.road)?,
        })
    }

    /// Only the same text goes to several numbers at once.
    pub fn fit(&self, letters: &[Letter]) -> usize {
        let Some(first) = letters.first() else {
            return 0;
        };
        if !self.http.joined {
            return 1;
        }
        let same = |letter: &&Letter| {
            letter.title == first.title && letter.body == first.body && letter.link == first.link
        };
        letters
            .iter()
            .take(self.http.max_recipients.max(1))
            .take_while(same)
            .count()
    }

    pub async fn send(&self, letters: &[Letter]) -> Result<String, Failure> {
        let first = letters
            .first()
            .ok_or_else(|| Failure::Never("nothing to send".into()))?;
        let phones: Vec<&str> = letters
            .iter()
            .map(|letter| letter.address.as_str())
            .collect();
        let key = first.key.to_string();
        let sample = Sample {
            phones: &phones,
            title: &one_line(&first.title),
            body: &one_line(&first.body),
            link: &first.link,
            key: &key,
        };
        let values = sample
            .values(&self.http, &self.secrets)
            .map_err(Failure::Never)?;
        let fill = |template: &str| render(template, &values).map_err(Failure::Never);
        let method = Method::from_str(&self.http.method)
            .map_err(|error| Failure::Never(error.to_string()))?;
        let mut headers = HeaderMap::new();
        headers.insert("idempotency-key", header(&key)?);
        for (name, template) in &self.http.headers {
            let name =
                HeaderName::from_str(name).map_err(|error| Failure::Never(error.to_string()))?;
            headers.insert(name, header(&fill(template)?)?);
        }
        let request = self
            .client
            .request(method, fill(&self.http.url)?)
            .headers(headers)
            .body(fill(&self.http.body)?);
        self.judge(&web::exchange(request).await?)
    }

    fn judge(&self, answer: &Answer) -> Result<String, Failure> {
        let success = &self.http.success;
        let good = if success.status.is_empty() {
            answer.status.is_success()
        } else {
            success.status.contains(&answer.status.as_u16())
        };
        let shown = answer.shown(500);
        match answer.rest {
            _ if good && answer.body.contains(&success.contains) => Ok(shown),
            Some(seconds) => Err(Failure::ShutOut(shown, seconds)),
            None => Err(Failure::Later(shown, 0)),
        }
    }
}

fn header(text: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(text).map_err(|error| Failure::Never(error.to_string()))
}
