//! Passwords, keys and tokens of a channel as they are stored: each sealed under its own name.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::config::Secrets;
use crate::platform::error::{Error, Result};
use crate::platform::vault::Vault;

/// What is said of a channel whose secrets were sealed with another key.
pub const SEALED_ELSEWHERE: &str = "密钥文件已更换，通道的密码须重新填写 (the key file is not the one these secrets were sealed with; enter them again)";

/// What is stored for these secrets.
///
/// # Errors
/// When the machine has no randomness.
pub fn seal(vault: &Vault, channel: Uuid, secrets: &Secrets) -> Result<String> {
    let sealed: BTreeMap<&str, String> = secrets
        .iter()
        .map(|(name, secret)| Ok((name.as_str(), vault.seal(&place(channel, name), secret)?)))
        .collect::<Result<_>>()?;
    serde_json::to_string(&sealed).map_err(Error::internal)
}

/// The secrets of what is stored; nothing when one of them cannot be opened with this key.
pub fn unseal(vault: &Vault, channel: Uuid, stored: &str) -> Option<Secrets> {
    let open = |(name, sealed): (String, String)| {
        let secret = vault.unseal(&place(channel, &name), &sealed)?;
        Some((name, secret))
    };
    stored_by_name(stored).into_iter().map(open).collect()
}

/// The names of what is stored; opens nothing.
pub fn names(stored: &str) -> Vec<String> {
    stored_by_name(stored).into_keys().collect()
}

fn stored_by_name(stored: &str) -> BTreeMap<String, String> {
    serde_json::from_str(stored).unwrap_or_default()
}

/// Where a secret belongs: sealed text copied to another channel or name does not open there.
fn place(channel: Uuid, name: &str) -> String {
    format!("channel/{channel}/{name}")
}
