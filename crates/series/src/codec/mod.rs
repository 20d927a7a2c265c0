//! Columns to bytes and back. The first byte of every value column names its codec, so a file stays readable when a
//! better codec is added: a number, once given, keeps its meaning for ever.

pub(crate) mod ints;
pub(crate) mod times;

use pco::data_types::Number;
use pco::metadata::DeltaEncoding;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};

use crate::bytes::{Malformed, Parsed, Reader, put_f64};
use crate::run::Column;
use crate::value::MAX_SCALE;

/// Most rows a chunk may have; a reader refuses more, so a forged count cannot make it reserve much memory.
pub(crate) const MAX_ROWS: usize = 1 << 16;

/// How much time an encoder may spend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effort {
    /// For files that will be merged again soon.
    Quick,
    /// For files that stay.
    Thorough,
}

impl Effort {
    /// pco's level: more bins pay only where there are many numbers to share them.
    fn level(self, n: usize) -> usize {
        if self == Self::Thorough && n >= 1000 {
            9
        } else {
            6
        }
    }
}

/// All values equal: scale, mantissa.
const CONSTANT: u8 = 1;
/// Scale, then [`ints`].
const DECIMALS: u8 = 2;
/// 8 bytes each, little-endian.
const RAW_FLOATS: u8 = 3;
/// pco over f64.
const PCO_FLOATS: u8 = 4;

/// Below this many rows pco's own head costs more than it saves.
const FEW: usize = 12;

pub(crate) fn encode_column(out: &mut Vec<u8>, column: &Column, effort: Effort) {
    match column {
        Column::Decimal { scale, mantissas } => {
            let constant = mantissas.windows(2).all(|w| w[0] == w[1]);
            out.extend([if constant { CONSTANT } else { DECIMALS }, *scale]);
            ints::encode(
                out,
                if constant { &mantissas[..1] } else { mantissas },
                effort,
            );
        }
        Column::Float(list) => {
            let deltas = if list.len() < FEW {
                vec![]
            } else {
                vec![DeltaSpec::NoOp, DeltaSpec::TryConsecutive(1)]
            };
            let packed = deltas
                .into_iter()
                .filter_map(|delta| pack(list, ModeSpec::Auto, delta, effort));
            match packed.min_by_key(Vec::len) {
                Some(packed) if packed.len() < list.len() * 8 => {
                    out.push(PCO_FLOATS);
                    out.extend(packed);
                }
                _ => {
                    out.push(RAW_FLOATS);
                    list.iter().for_each(|&v| put_f64(out, v));
                }
            }
        }
    }
}

/// Reads a column of `n` rows; the reader is left behind it.
pub(crate) fn decode_column(r: &mut Reader<'_>, n: usize) -> Parsed<Column> {
    if n == 0 || n > MAX_ROWS {
        return Err(Malformed("row count outside 1..=65536"));
    }
    let codec = r.u8()?;
    match codec {
        CONSTANT | DECIMALS => {
            let scale = r.u8()?;
            if scale > MAX_SCALE {
                return Err(Malformed("more than 18 decimal places"));
            }
            let mantissas = if codec == CONSTANT {
                vec![ints::decode(r, 1)?[0]; n]
            } else {
                ints::decode(r, n)?
            };
            Ok(Column::Decimal { scale, mantissas })
        }
        RAW_FLOATS => (0..n)
            .map(|_| r.f64())
            .collect::<Parsed<Vec<f64>>>()
            .map(Column::Float),
        PCO_FLOATS => unpack(r, n).map(Column::Float),
        _ => Err(Malformed("unknown value codec")),
    }
}

/// pco's number of its dictionary mode.
const DICTIONARY: u8 = 4;

fn pack<T: Number>(
    list: &[T],
    mode: ModeSpec,
    delta: DeltaSpec,
    effort: Effort,
) -> Option<Vec<u8>> {
    let config = ChunkConfig::default()
        .with_compression_level(effort.level(list.len()))
        .with_mode_spec(mode)
        .with_delta_spec(delta)
        .with_enable_8_bit(true);
    let mut out = Vec::new();
    let file = FileCompressor::default();
    file.write_header(&mut out).ok()?;
    let mut chunk = file.chunk_compressor(list, &config).ok()?;
    chunk.write_meta(&mut out).ok()?;
    // One page: a chunk has at most MAX_ROWS rows, far below pco's page limit.
    chunk.write_page(0, &mut out).ok()?;
    Some(out)
}

fn unpack<T: Number + Default>(r: &mut Reader<'_>, n: usize) -> Parsed<Vec<T>> {
    const BAD: Malformed = Malformed("compressed column does not decode");
    let (file, rest) = FileDecompressor::new(r.rest()).map_err(|_| BAD)?;
    // The mode is told in the low four bits. Dictionaries are never written; reading one would first reserve room for as
    // many entries as the file claims.
    if rest.first().is_none_or(|head| head & 15 == DICTIONARY) {
        return Err(BAD);
    }
    let (mut chunk, rest) = file.chunk_decompressor::<T, _>(rest).map_err(|_| BAD)?;
    // Nor this one: its window is reserved in full, whatever the file's size.
    if matches!(chunk.meta().delta_encoding, DeltaEncoding::Lookback { .. }) {
        return Err(BAD);
    }
    let mut list = vec![T::default(); n];
    let mut page = chunk.page_decompressor(rest, n).map_err(|_| BAD)?;
    let progress = page.read(&mut list).map_err(|_| BAD)?;
    if progress.n_processed != n {
        return Err(BAD);
    }
    let left = page.into_src().len();
    r.take(r.rest().len() - left)?;
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_that_reserve_memory_by_their_own_word_are_refused() {
        let list: Vec<i64> = (0..2000)
            .map(|i| [3, 900_000_007, -5, 1 << 40][i * i % 7 % 4])
            .collect();
        let read = |packed: &[u8]| unpack::<i64>(&mut Reader::new(packed), list.len());
        let dictionary = pack(&list, ModeSpec::TryDict, DeltaSpec::NoOp, Effort::Thorough).unwrap();
        assert_eq!(dictionary[2] & 15, DICTIONARY);
        assert!(read(&dictionary).is_err());
        let lookback = pack(
            &list,
            ModeSpec::Classic,
            DeltaSpec::TryLookback,
            Effort::Thorough,
        )
        .unwrap();
        assert!(read(&lookback).is_err());
        let plain = pack(&list, ModeSpec::Classic, DeltaSpec::NoOp, Effort::Thorough).unwrap();
        assert_eq!(read(&plain), Ok(list.clone()));
    }
}
