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

/// Seconds an instant may lie ahead of the clock and still be believed: one that lies further ahead was
/// stamped before the clock was set back.
const AHEAD: i64 = 60;

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
                let made = self.believed(now).filter(|at| *at > begin);
                most.saturating_sub(made.count())
            })
            .min()
    }

    /// With `count` requests made now, and without those no limit asks about any more.
    pub fn with(&self, count: usize, now: At) -> String {
        let asked_about = self.believed(now).filter(|at| *at > now.plus_seconds(-60));
        let all = asked_about.chain(std::iter::repeat_n(now, count));
        let words: Vec<String> = all.map(|at| at.0.to_string()).collect();
        words.join(" ")
    }

    fn believed(&self, now: At) -> impl Iterator<Item = At> {
        let latest = now.plus_seconds(AHEAD);
        self.0.iter().copied().filter(move |at| *at <= latest)
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
    fn what_was_sent_before_the_clock_was_set_back_does_not_count_for_an_hour() {
        let wecom = Config::Robot(Vendor::Wecom, Robot::default());
        let at = At(10_000_000_000);
        let recent = Recent::read(&Recent::default().with(20, at));
        assert_eq!(recent.left(&wecom, at.plus_seconds(-1)), Some(0), "slewed");
        let back = at.plus_seconds(-3600);
        assert_eq!(recent.left(&wecom, back), Some(20));
        let recent = Recent::read(&recent.with(1, back));
        assert_eq!(recent.left(&wecom, at), Some(20), "forgotten for good");
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
