//! Secrets at rest: what lets us into other people's systems is sealed before it is stored, with a
//! key that is kept apart from the database and from its backups.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use super::error::{Error, Result};

/// How a sealed text begins: the scheme (ChaCha20-Poly1305, random nonce first).
const SCHEME: &str = "v1:";
/// Length of the key in bytes.
const KEY_LEN: usize = 32;

/// Seals and opens secrets with the installation's key.
pub struct Vault {
    key: LessSafeKey,
    random: SystemRandom,
}

impl Vault {
    /// Reads the key from a file of 64 hexadecimal digits; makes a new one, readable by its owner
    /// alone, when there is no such file. Nodes that share a database share this file.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds something else.
    pub fn open(file: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| Error::storage(format!("{}: {error}", file.display()));
        let random = SystemRandom::new();
        if !file.exists() {
            create(file, &random).map_err(failed)?;
        }
        let text = std::fs::read_to_string(file).map_err(failed)?;
        let bytes = hex::decode(text.trim())
            .ok()
            .filter(|bytes| bytes.len() == KEY_LEN)
            .ok_or_else(|| {
                let digits = KEY_LEN * 2;
                let file = file.display();
                Error::storage(format!(
                    "{file} is no key: {digits} hexadecimal digits expected"
                ))
            })?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(Error::internal)?;
        let key = LessSafeKey::new(key);
        Ok(Self { key, random })
    }

    /// Seals a secret. `about` names its place; a sealed text opens nowhere else.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn seal(&self, about: &str, secret: &str) -> Result<String> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(Error::internal)?;
        let mut sealed = secret.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(about),
                &mut sealed,
            )
            .map_err(Error::internal)?;
        Ok(SCHEME.to_owned() + &BASE64.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what [`Self::seal`] made; nothing when it was sealed with another key or for another
    /// place, or was changed since.
    #[must_use]
    pub fn unseal(&self, about: &str, sealed: &str) -> Option<String> {
        let bytes = BASE64.decode(sealed.strip_prefix(SCHEME)?).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let secret = self
            .key
            .open_in_place(nonce, Aad::from(about), &mut sealed)
            .ok()?;
        String::from_utf8(secret.to_vec()).ok()
    }
}

/// Makes the file whole or not at all, and never over one that another process has just made.
fn create(file: &Path, random: &SystemRandom) -> std::io::Result<()> {
    let mut key = [0; KEY_LEN];
    random
        .fill(&mut key)
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    let draft = file.with_extension(format!("draft-{}", std::process::id()));
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    writeln!(out, "{}", hex::encode(key))?;
    out.sync_all()?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_opens_in_its_place_with_its_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        let vault = Vault::open(&file).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let sealed = vault.seal("channel/1/password", "口令").unwrap();
        assert!(!sealed.contains("口令"));
        assert_ne!(sealed, vault.seal("channel/1/password", "口令").unwrap());

        let again = Vault::open(&file).unwrap();
        let open = |vault: &Vault, about: &str, text: &str| vault.unseal(about, text);
        assert_eq!(
            open(&again, "channel/1/password", &sealed).as_deref(),
            Some("口令")
        );
        assert_eq!(open(&again, "channel/2/password", &sealed), None);
        let other = Vault::open(&folder.path().join("other.key")).unwrap();
        assert_eq!(open(&other, "channel/1/password", &sealed), None);
        for broken in [
            "",
            "v1:",
            "v1:AAAA",
            "v1:!",
            "口令",
            &sealed[..sealed.len() - 2],
        ] {
            assert_eq!(open(&again, "channel/1/password", broken), None, "{broken}");
        }
    }

    #[test]
    fn a_file_that_is_no_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        std::fs::write(&file, "not a key").unwrap();
        let error = Vault::open(&file).err().unwrap().to_string();
        assert!(error.contains("secret.key is no key"), "{error}");
    }
}
