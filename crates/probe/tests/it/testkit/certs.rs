//! Certificates for tests, made on the spot.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// A certificate authority of our own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, as PEM.
    pub pem: String,
}

/// A server certificate with its key, as PEM.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The chain.
    pub certificate: String,
    /// The key.
    pub key: String,
}

/// When a test certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// 2020 to 2120.
    Long,
    /// 2020 to 2021.
    Over,
    /// 2119 to 2120.
    NotYet,
}

fn params(names: &[&str], validity: Validity) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let common = names
        .first()
        .cloned()
        .unwrap_or_else(|| "Anlan test authority".into());
    let mut params = CertificateParams::new(names).expect("host names of a test are valid");
    params.distinguished_name.push(DnType::CommonName, common);
    let (from, to) = match validity {
        Validity::Long => (2020, 2120),
        Validity::Over => (2020, 2021),
        Validity::NotYet => (2119, 2120),
    };
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    params
}

impl Authority {
    /// A new authority.
    #[must_use]
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("keys can be generated");
        let mut params = params(&[], Validity::Long);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params
            .self_signed(&key)
            .expect("an authority can sign itself");
        let pem = certificate.pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A certificate for these names, signed by this authority.
    #[must_use]
    pub fn issue(&self, names: &[&str], validity: Validity) -> Pair {
        let key = KeyPair::generate().expect("keys can be generated");
        let certificate = params(names, validity)
            .signed_by(&key, &self.issuer)
            .expect("an authority can sign");
        Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// A certificate for these names, signed by itself.
#[must_use]
pub fn self_signed(names: &[&str], validity: Validity) -> Pair {
    let key = KeyPair::generate().expect("keys can be generated");
    let certificate = params(names, validity)
        .self_signed(&key)
        .expect("a certificate can sign itself");
    Pair {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}
