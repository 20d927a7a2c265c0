//! What a series has in blocks and memory over a time range, brought into time order with the youngest value on top.

use std::sync::Arc;

use crate::block::{Block, ChunkMeta, Page};
use crate::error::Result;
use crate::run::{Run, merge};
use crate::value::SeriesId;

/// A stretch of one series: a chunk not read yet, or a run in memory.
pub(crate) enum Piece {
    Chunk(Arc<Block>, ChunkMeta),
    Run(Run),
}

impl Piece {
    pub fn span(&self) -> (i64, i64) {
        match self {
            Self::Chunk(_, meta) => (meta.first_at, meta.last_at),
            Self::Run(run) => (run.first_at(), run.last_at()),
        }
    }

    pub fn read(self) -> Result<Run> {
        match self {
            Self::Chunk(block, meta) => block.run(&meta),
            Self::Run(run) => Ok(run),
        }
    }
}

/// Walks pieces (given by age, oldest first) in time order. Pieces that overlap are read and merged; one that stands
/// alone is handed over unread.
pub(crate) fn in_time_order(
    pieces: Vec<Piece>,
    mut each: impl FnMut(Piece) -> Result<()>,
) -> Result<()> {
    let mut aged: Vec<(usize, Piece)> = pieces.into_iter().enumerate().collect();
    aged.sort_by_key(|(_, p)| p.span().0);
    let mut group: Vec<(usize, Piece)> = Vec::new();
    let mut end = i64::MIN;
    for (age, piece) in aged {
        let (first, last) = piece.span();
        if first > end && !group.is_empty() {
            hand_over(std::mem::take(&mut group), &mut each)?;
        }
        end = if group.is_empty() {
            last
        } else {
            end.max(last)
        };
        group.push((age, piece));
    }
    hand_over(group, &mut each)
}

fn hand_over(
    mut group: Vec<(usize, Piece)>,
    each: &mut impl FnMut(Piece) -> Result<()>,
) -> Result<()> {
    if group.len() <= 1 {
        return group.into_iter().try_for_each(|(_, piece)| each(piece));
    }
    group.sort_by_key(|(age, _)| *age);
    let runs = group
        .into_iter()
        .map(|(_, piece)| piece.read())
        .collect::<Result<Vec<Run>>>()?;
    merge(runs)
        .into_iter()
        .try_for_each(|run| each(Piece::Run(run)))
}

/// A position in a block's index, moving from series to series past the page cache.
struct Cursor {
    block: Arc<Block>,
    page: Page,
    next_page: usize,
    next: usize,
}

impl Cursor {
    fn new(block: &Arc<Block>) -> Result<Self> {
        let mut cursor = Self {
            block: Arc::clone(block),
            page: Page::default(),
            next_page: 0,
            next: 0,
        };
        cursor.load()?;
        Ok(cursor)
    }

    fn load(&mut self) -> Result<()> {
        while self.next >= self.page.series.len() && self.next_page < self.block.page_count() {
            self.page = self.block.read_page(self.next_page)?;
            self.next_page += 1;
            self.next = 0;
        }
        Ok(())
    }

    fn series(&self) -> Option<SeriesId> {
        self.page.series.get(self.next).map(|(id, _)| *id)
    }

    fn take(&mut self) -> Result<Vec<ChunkMeta>> {
        let chunks = self
            .page
            .series
            .get(self.next)
            .map(|(_, r)| self.page.chunks[r.clone()].to_vec());
        self.next += 1;
        self.load()?;
        Ok(chunks.unwrap_or_default())
    }
}

/// Walks all series of some blocks (ordered by age) in order; each comes with its chunks, oldest block first.
pub(crate) fn each_series(
    blocks: &[Arc<Block>],
    mut each: impl FnMut(SeriesId, Vec<(Arc<Block>, ChunkMeta)>) -> Result<()>,
) -> Result<()> {
    let mut cursors = blocks.iter().map(Cursor::new).collect::<Result<Vec<_>>>()?;
    while let Some(series) = cursors.iter().filter_map(Cursor::series).min() {
        let mut chunks = Vec::new();
        for cursor in &mut cursors {
            if cursor.series() == Some(series) {
                let block = Arc::clone(&cursor.block);
                chunks.extend(cursor.take()?.into_iter().map(|c| (Arc::clone(&block), c)));
            }
        }
        each(series, chunks)?;
    }
    Ok(())
}
