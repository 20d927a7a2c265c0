//! Templates of an HTTP gateway: strict, without loops that could run away.

use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};

use crate::features::notifications::config::{Http, Secrets};

/// Steps a template may take.
const FUEL: u64 = 20_000;
/// Longest result, in bytes.
const LONGEST: usize = 64 * 1024;

/// An engine with our filters only.
fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(20);
    engine.add_filter("urlencode", |text: String| -> String {
        form_urlencoded::byte_serialize(text.as_bytes()).collect()
    });
    engine.add_filter("tojson", |text: String| -> Result<String, Error> {
        serde_json::to_string(&text)
            .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
    });
    engine
}

/// Fills a template in.
pub fn render(template: &str, values: &Value) -> Result<String, String> {
    let text = engine()
        .render_str(template, values.clone())
        .map_err(|error| error.to_string())?;
    if text.len() > LONGEST {
        return Err("the result is too long".into());
    }
    Ok(text)
}

/// Values a template may use.
#[derive(Clone, Debug)]
pub struct Sample<'a> {
    pub phones: &'a [&'a str],
    pub title: &'a str,
    pub body: &'a str,
    pub link: &'a str,
    pub key: &'a str,
}

impl Sample<'_> {
    /// The values, with the short text cut to what the gateway takes.
    pub fn values(&self, http: &Http, secrets: &Secrets) -> Result<Value, String> {
        let plain = context! { title => self.title, body => self.body, link => self.link };
        let text: String = render(&http.text, &plain)?
            .chars()
            .take(http.max_chars)
            .collect();
        Ok(context! {
            phone => self.phones.first().copied().unwrap_or_default(),
            phones => self.phones.join(&http.separator),
            text => text,
            title => self.title,
            body => self.body,
            link => self.link,
            key => self.key,
            secret => Value::from(secrets.clone()),
        })
    }

    /// Tries all templates of a gateway: the address they make, or the first that fails and why.
    pub fn check(&self, http: &Http, secrets: &Secrets) -> Result<String, (String, String)> {
        let values = self
            .values(http, secrets)
            .map_err(|reason| ("config.text".to_owned(), reason))?;
        let mut templates = vec![("config.body".to_owned(), &http.body)];
        for (name, value) in &http.headers {
            templates.push((format!("config.headers.{name}"), value));
        }
        for (field, template) in templates {
            render(template, &values).map_err(|reason| (field, reason))?;
        }
        render(&http.url, &values).map_err(|reason| ("config.url".to_owned(), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_cannot_run_away_or_break_out() {
        let values = context! { text => "a\"b&c 你" };
        assert_eq!(
            render("{{ text|tojson }}", &values).unwrap(),
            "\"a\\\"b&c 你\""
        );
        assert_eq!(
            render("{{ text|urlencode }}", &values).unwrap(),
            "a%22b%26c+%E4%BD%A0"
        );
        assert!(render("{{ nothing }}", &values).is_err());
        assert!(
            render(
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
                &values
            )
            .is_err()
        );
    }
}
