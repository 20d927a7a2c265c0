//! Variable-length integers, and a reader that checks every length before it trusts it.

pub(crate) fn put_varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

pub(crate) fn put_varint128(out: &mut Vec<u8>, mut v: u128) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

/// Small magnitudes of either sign become small varints.
pub(crate) fn put_signed(out: &mut Vec<u8>, v: i64) {
    put_varint(out, ((v << 1) ^ (v >> 63)) as u64);
}

pub(crate) fn put_f64(out: &mut Vec<u8>, v: f64) {
    out.extend_from_slice(&v.to_bits().to_le_bytes());
}

/// The bytes end too early or a number is outside its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(pub &'static str);

pub(crate) type Parsed<T> = Result<T, Malformed>;

/// Walks over a byte slice; every read is bounds-checked.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn take(&mut self, n: usize) -> Parsed<&'a [u8]> {
        let (head, tail) = self
            .rest
            .split_at_checked(n)
            .ok_or(Malformed("bytes end too early"))?;
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        let (head, tail) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(Malformed("bytes end too early"))?;
        self.rest = tail;
        Ok(*head)
    }

    pub fn u8(&mut self) -> Parsed<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub fn u16(&mut self) -> Parsed<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Parsed<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Parsed<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub fn u128(&mut self) -> Parsed<u128> {
        Ok(u128::from_le_bytes(self.array()?))
    }

    pub fn f64(&mut self) -> Parsed<f64> {
        Ok(f64::from_bits(self.u64()?))
    }

    pub fn varint(&mut self) -> Parsed<u64> {
        let mut v = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let part = u64::from(byte & 0x7f);
            if (part << shift) >> shift != part {
                break;
            }
            v |= part << shift;
            if byte < 0x80 {
                return Ok(v);
            }
        }
        Err(Malformed("number too large"))
    }

    pub fn varint128(&mut self) -> Parsed<u128> {
        let mut v = 0u128;
        for shift in (0..128).step_by(7) {
            let byte = self.u8()?;
            let part = u128::from(byte & 0x7f);
            if (part << shift) >> shift != part {
                break;
            }
            v |= part << shift;
            if byte < 0x80 {
                return Ok(v);
            }
        }
        Err(Malformed("number too large"))
    }

    pub fn signed(&mut self) -> Parsed<i64> {
        let v = self.varint()?;
        Ok((v >> 1) as i64 ^ -((v & 1) as i64))
    }

    /// A count of things that take at least `min_size` bytes each of what is left: a forged count cannot make us
    /// reserve more memory than the file has bytes.
    pub fn count(&mut self, min_size: usize) -> Parsed<usize> {
        let n = self.varint()?;
        match usize::try_from(n) {
            Ok(n) if n <= self.rest.len() / min_size.max(1) => Ok(n),
            _ => Err(Malformed("count larger than the bytes that follow")),
        }
    }

    /// A number that must not exceed `limit`.
    pub fn limited(&mut self, limit: usize) -> Parsed<usize> {
        match usize::try_from(self.varint()?) {
            Ok(n) if n <= limit => Ok(n),
            _ => Err(Malformed("number beyond its limit")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_read_back(a in any::<u64>(), b in any::<i64>(), c in any::<u128>(), d in any::<f64>()) {
            let mut out = Vec::new();
            put_varint(&mut out, a);
            put_signed(&mut out, b);
            put_varint128(&mut out, c);
            put_f64(&mut out, d);
            let mut r = Reader::new(&out);
            prop_assert_eq!(r.varint(), Ok(a));
            prop_assert_eq!(r.signed(), Ok(b));
            prop_assert_eq!(r.varint128(), Ok(c));
            prop_assert_eq!(r.f64().unwrap().to_bits(), d.to_bits());
            prop_assert!(r.is_empty());
        }
    }

    #[test]
    fn endless_and_overflowing_varints_are_refused() {
        assert!(Reader::new(&[0x80; 40]).varint128().is_err());
        assert!(Reader::new(&[0xff; 40]).varint().is_err());
        assert!(
            Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
                .varint()
                .is_err()
        );
        assert!(Reader::new(&[0x80]).varint().is_err());
        assert!(Reader::new(&[0xe8, 0x07, 0]).count(1).is_err());
    }
}
