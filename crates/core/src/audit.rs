//! The hash chain of the audit log: each entry's hash covers its content and the hash before it,
//! so that changing, removing, inserting or reordering any entry shows.

use sha2::{Digest, Sha256};

/// The hash a chain begins with.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One entry, as it is hashed. Field order is part of the format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record<'a> {
    /// Name of the chain (one per node).
    pub chain: &'a str,
    /// Place in the chain, from 1.
    pub seq: i64,
    /// Microseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who: kind, id, name, address.
    pub actor: [&'a str; 4],
    /// What.
    pub action: &'a str,
    /// On what: kind, id, label.
    pub object: [&'a str; 3],
    /// Whether it succeeded.
    pub ok: bool,
    /// Details as JSON text.
    pub detail: &'a str,
}

/// The hash of an entry that follows the one with hash `previous`.
#[must_use]
pub fn hash(previous: &str, record: &Record<'_>) -> String {
    let (seq, at) = (record.seq.to_string(), record.at.to_string());
    let head = ["anlan-audit-1", previous, record.chain, &seq, &at];
    let tail = [if record.ok { "ok" } else { "failed" }, record.detail];
    let parts = head.into_iter().chain(record.actor).chain([record.action]);
    digest(parts.chain(record.object).chain(tail))
}

/// The SHA-256 of several texts, in hexadecimal. Each is preceded by its length, so that no two
/// different lists read the same.
#[must_use]
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_string());
        hasher.update(":");
        hasher.update(part);
        hasher.update("\n");
    }
    hex::encode(hasher.finalize())
}

/// Checks a chain entry by entry; its state between calls is small, so logs of any length stream.
#[derive(Clone, Debug)]
pub struct Verifier {
    seq: i64,
    hash: String,
}

impl Default for Verifier {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: GENESIS.to_owned(),
        }
    }
}

/// The first entry that does not fit, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A number is missing, doubled or out of order.
    #[error("after entry {after} comes entry {found}")]
    Gap {
        /// The last good entry.
        after: i64,
        /// The number found instead of the next.
        found: i64,
    },
    /// The content is not what was hashed.
    #[error("entry {0} was changed")]
    Changed(i64),
}

impl Verifier {
    /// Takes the next entry with its stored hash.
    ///
    /// # Errors
    /// When it does not continue the chain.
    pub fn take(&mut self, record: &Record<'_>, stored: &str) -> Result<(), Broken> {
        if record.seq != self.seq + 1 {
            return Err(Broken::Gap {
                after: self.seq,
                found: record.seq,
            });
        }
        let expected = hash(&self.hash, record);
        if expected != stored {
            return Err(Broken::Changed(record.seq));
        }
        self.seq = record.seq;
        self.hash = expected;
        Ok(())
    }

    /// How many entries were good so far.
    #[must_use]
    pub const fn entries(&self) -> i64 {
        self.seq
    }

    /// The hash of the last good entry.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(seq: i64, detail: &str) -> Record<'_> {
        Record {
            chain: "main",
            seq,
            at: seq * 1000,
            action: "ticket.create",
            ok: true,
            detail,
            ..Record::default()
        }
    }

    fn chain(details: &[String]) -> Vec<String> {
        let mut previous = GENESIS.to_owned();
        let link = |(index, detail): (usize, &String)| {
            previous = hash(&previous, &entry(i64::try_from(index).unwrap() + 1, detail));
            previous.clone()
        };
        details.iter().enumerate().map(link).collect()
    }

    fn verify(details: &[String], hashes: &[String], order: &[usize]) -> Result<(), Broken> {
        let mut verifier = Verifier::default();
        order.iter().try_for_each(|&index| {
            verifier.take(
                &entry(i64::try_from(index).unwrap() + 1, &details[index]),
                &hashes[index],
            )
        })
    }

    proptest! {
        #[test]
        fn an_untouched_chain_is_good(details in prop::collection::vec(".*", 1..20)) {
            let order: Vec<_> = (0..details.len()).collect();
            prop_assert_eq!(verify(&details, &chain(&details), &order), Ok(()));
        }

        #[test]
        fn any_change_removal_or_swap_shows(details in prop::collection::vec("[a-z]{0,8}", 3..20), at in 0..1000usize) {
            let hashes = chain(&details);
            let at = at % (details.len() - 1);
            let order: Vec<_> = (0..details.len()).collect();

            let mut changed = details.clone();
            changed[at].push('!');
            prop_assert_eq!(verify(&changed, &hashes, &order), Err(Broken::Changed(i64::try_from(at).unwrap() + 1)));

            let mut removed = order.clone();
            removed.remove(at);
            let is_gap = matches!(verify(&details, &hashes, &removed), Err(Broken::Gap { .. }));
            prop_assert!(is_gap);

            let mut swapped = order;
            swapped.swap(at, at + 1);
            prop_assert!(verify(&details, &hashes, &swapped).is_err());
        }
    }

    #[test]
    fn parts_cannot_flow_into_each_other() {
        let one = Record {
            action: "ab",
            object: ["c", "", ""],
            ..Record::default()
        };
        let other = Record {
            action: "a",
            object: ["bc", "", ""],
            ..Record::default()
        };
        assert_ne!(hash(GENESIS, &one), hash(GENESIS, &other));
    }
}
