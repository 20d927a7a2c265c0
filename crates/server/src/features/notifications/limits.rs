//! How many requests a channel may still make now.

use super::config::{Config, Vendor};
use crate::platform::at::At;

/// So many requests in so many seconds.
type Limit = (i64, usize);

/// The vendor's limits. 钉钉 shuts a robot out for ten minutes when it is overstepped.
fn limits(config: &Config) -> Vec<Limit> {
    match config {
        Config::Smtp(_) => Vec::new(),
        Config::Http(http) if http.per_minute == 0 => Vec::new(),
        Config::Http(http) => vec![(60, http.per_minute)],
        Config::Robot(Vendor::Wecom | Vendor::Dingtalk, _) => vec![(60, 20)],
        Config::Robot(Vendor::Feishu, _) => vec![(60, 100), (1, 5)],
    }
}

/// The instants of a channel's latest requests.
#[derive(Debug, Default)]
pub struct Recent(Vec<At>);

impl Recent {
    /// As stored. What is no number is left out.
    pub fn read(text: &str) -> Self {
        Self(
            text.split_whitespace()
                .filter_map(|at| at.parse().ok())
                .map(At)
                .collect(),
        )
    }

    /// Requests that may be made now; none means without limit.
    pub fn left(&self, config: &Config, now: At) -> Option<usize> {
        limits(config)
            .into_iter()
            .map(|(seconds, most)| {
                let begin = now.plus_seconds(-seconds);
                most.saturating_sub(self.0.iter().filter(|at| **at > begin).count())
            })
            .min()
    }

    /// With `count` requests made now, and without those no limit asks about any more.
    pub fn with(mut self, count: usize, now: At) -> String {
        self.0.retain(|at| *at > now.plus_seconds(-60));
        self.0.extend(std::iter::repeat_n(now, count));
        let words: Vec<String> = self.0.iter().map(|at| at.0.to_string()).collect();
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::notifications::config::Robot;

    #[test]
    fn a_window_slides() {
        let wecom = Config::Robot(Vendor::Wecom, Robot::default());
        let at = At(1_000_000_000);
        let recent = Recent::read(&Recent::default().with(15, at));
        assert_eq!(recent.left(&wecom, at), Some(5));
        let recent = Recent::read(&recent.with(5, at.plus_seconds(30)));
        assert_eq!(recent.left(&wecom, at.plus_seconds(59)), Some(0));
        assert_eq!(recent.left(&wecom, at.plus_seconds(60)), Some(15));
        assert_eq!(recent.left(&wecom, at.plus_seconds(90)), Some(20));
    }

    #[test]
    fn feishu_counts_seconds_too() {
        let feishu = Config::Robot(Vendor::Feishu, Robot::default());
        let at = At(1_000_000_000);
        let recent = Recent::read(&Recent::default().with(5, at));
        assert_eq!(recent.left(&feishu, at), Some(0));
        assert_eq!(recent.left(&feishu, at.plus_seconds(1)), Some(5));
    }
}
