//! The sum of a memory without its vector, for all memories of a partition at once.

use super::doc::NO_DAY;
use super::layout::{GAP, Layout, NONE};
use super::question::{Asked, Reading};
use super::when::Span;
use super::{Common, Matches, Number, Numbers, Weights};
use crate::time::Day;

/// What a hit adds whatever the length of the text: the floor of BM25+.
const DELTA: f32 = 0.3;
/// What the neighbours at a distance of 1, 2 and 3 count.
const CONTEXT: [f32; GAP] = [1.0, 0.7, 0.5];
/// Logarithm of the length above which a memory counts as long.
const LONG: f32 = 3.5;
/// A term is added cell by cell if less than one cell in so many has it.
const SPARSE: usize = 16;
/// Days before a span count so much more than days after it.
const EARLY: f32 = 1.5;

/// The numbers of the words, per cell of the layout, and what the rest needs.
#[derive(Debug)]
pub(crate) struct Sums<'a> {
    layout: &'a Layout,
    spans: &'a [Span],
    speaker: Option<u16>,
    asks_assistant: bool,
    bm25: Vec<f32>,
    cover: Vec<f32>,
    before: Vec<f32>,
    after: Vec<f32>,
    /// The sum of all numbers but that of the vector, each times its weight.
    totals: Vec<f32>,
    pub(crate) common: Common,
}

/// What one term of the question finds, per cell.
struct Found {
    /// 1 where the cell has the term, else the greatest squared cosine of a related one, else 0.
    matched: Vec<f32>,
    /// The same times what the cell supports its neighbours with.
    lent: Vec<f32>,
    /// The cells above 0, ascending.
    cells: Vec<u32>,
}

impl Found {
    fn new(cells: usize) -> Self {
        Self {
            matched: vec![0.0; cells],
            lent: vec![0.0; cells],
            cells: Vec::new(),
        }
    }

    /// Whether so few cells are above 0 that they are gone through one by one.
    fn is_sparse(&self) -> bool {
        self.cells.len() * SPARSE < self.matched.len()
    }

    fn fill(&mut self, layout: &Layout, asked: &Asked, matches: &dyn Matches, bm25: &mut [f32]) {
        if self.is_sparse() {
            for cell in &self.cells {
                self.matched[*cell as usize] = 0.0;
                self.lent[*cell as usize] = 0.0;
            }
        } else {
            self.matched.fill(0.0);
            self.lent.fill(0.0);
        }
        self.cells.clear();
        // The least first, so that a greater one replaces it.
        for (term, square) in asked.near.iter().rev() {
            matches.each(*term, &mut |run| {
                for cell in run.rows().filter_map(|row| cell_of(layout, row)) {
                    self.matched[cell] = *square;
                    self.cells.push(cell as u32);
                }
            });
        }
        matches.each(asked.term, &mut |run| {
            for (row, count) in run.counted() {
                if let Some(cell) = cell_of(layout, row) {
                    self.matched[cell] = 1.0;
                    self.cells.push(cell as u32);
                    let part = count / (count + layout.norm[cell]) + DELTA;
                    bm25[cell] += asked.weight * part / (1.0 + DELTA);
                }
            }
        });
        if self.is_sparse() {
            self.cells.sort_unstable();
            self.cells.dedup();
            for cell in &self.cells {
                let cell = *cell as usize;
                self.lent[cell] = self.matched[cell] * layout.support[cell];
            }
            return;
        }
        let support = self.matched.iter().zip(&layout.support);
        for (lent, (matched, support)) in self.lent.iter_mut().zip(support) {
            *lent = matched * support;
        }
    }

    /// The cells from `first` to `end` to which a cell above 0 lends context, or that are such a
    /// cell, each once.
    fn near(&self, first: usize, end: usize) -> impl Iterator<Item = usize> {
        let mut next = first;
        self.cells.iter().flat_map(move |cell| {
            let cell = *cell as usize;
            let begin = next.max(cell.saturating_sub(GAP));
            next = next.max((cell + GAP + 1).min(end));
            begin..next
        })
    }

    /// The most that the cells in front of a cell lend, by their distance.
    fn earlier(&self, cell: usize) -> f32 {
        let at = |distance: usize| CONTEXT[distance - 1] * self.lent[cell - distance];
        greater(at(1), greater(at(2), at(3)))
    }

    /// Notes the neighbours whose words a cell's numbers count, each once.
    fn name_lenders(&self, layout: &Layout, cell: usize, lenders: &mut Vec<u32>) {
        let Some((first, last)) = layout.ends_of(cell) else {
            return;
        };
        let own = self.matched[cell];
        let past = self.earlier(first);
        let sides = [
            (past, own, first, -1),
            (self.later(last), greater(own, past), last, 1),
        ];
        for (most, least, from, step) in sides {
            if most <= least {
                continue;
            }
            let lender = (1..=GAP).find_map(|distance| {
                let at = from.checked_add_signed(step * distance.cast_signed())?;
                (CONTEXT[distance - 1] * self.lent[at] >= most).then_some(layout.rows[at])
            });
            if let Some(row) = lender.filter(|row| *row != NONE && !lenders.contains(row)) {
                lenders.push(row);
            }
        }
    }

    fn later(&self, cell: usize) -> f32 {
        let at = |distance: usize| CONTEXT[distance - 1] * self.lent[cell + distance];
        greater(at(1), greater(at(2), at(3)))
    }
}

/// The greater of two numbers that are not NaN: one instruction, where `f32::max` takes several.
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The rows that lend context to each of some rows: whose words are those that its numbers `before`
/// and `after` count.
pub(crate) fn lenders(
    layout: &Layout,
    reading: &Reading,
    matches: &dyn Matches,
    rows: &[u32],
) -> Vec<Vec<u32>> {
    let len = layout.rows.len();
    let mut found = Found::new(len);
    let mut bm25 = vec![0.0; len];
    let mut lenders = vec![Vec::new(); rows.len()];
    for asked in &reading.terms {
        found.fill(layout, asked, matches, &mut bm25);
        for (row, lenders) in rows.iter().zip(&mut lenders) {
            if let Some(cell) = cell_of(layout, *row) {
                found.name_lenders(layout, cell, lenders);
            }
        }
    }
    lenders
}

fn cell_of(layout: &Layout, row: u32) -> Option<usize> {
    let cell = *layout.cells.get(row as usize)?;
    (cell != NONE).then_some(cell as usize)
}

/// How near a day is to the spans that a question names, from 0 to 1.
fn nearness(spans: &[Span], day: Day) -> f32 {
    let days = |from: Day, to: Day| (i64::from(to) - i64::from(from)).max(0) as f32;
    let near = spans.iter().map(|span| {
        let off = days(span.last, day).max(EARLY * days(day, span.first));
        span.weight * (-off / span.grace).exp()
    });
    near.fold(0.0, f32::max)
}

impl<'a> Sums<'a> {
    pub(crate) fn new(
        layout: &'a Layout,
        reading: &'a Reading,
        matches: &dyn Matches,
        weights: &Weights,
    ) -> Self {
        let mut sums = Self::empty(layout, reading);
        let mut found = Found::new(layout.rows.len());
        for asked in &reading.terms {
            found.fill(layout, asked, matches, &mut sums.bm25);
            sums.add(&found, asked.weight);
        }
        sums.totals = sums.add_up(weights);
        let date = if reading.only_time {
            0.0
        } else {
            sums.greatest_date()
        };
        sums.common = Common::new(weights, date, reading.speaker.is_some(), layout.mean_worth);
        sums
    }

    fn empty(layout: &'a Layout, reading: &'a Reading) -> Self {
        let len = layout.rows.len();
        Self {
            layout,
            spans: &reading.spans,
            speaker: reading.speaker,
            asks_assistant: reading.asks_assistant,
            bm25: vec![0.0; len],
            cover: vec![0.0; len],
            before: vec![0.0; len],
            after: vec![0.0; len],
            totals: Vec::new(),
            common: Common::default(),
        }
    }

    /// Adds what a term finds in the cells and beside them.
    fn add(&mut self, found: &Found, weight: f32) {
        if found.is_sparse() {
            self.add_sparse(found, weight);
        } else {
            self.add_dense(found, weight);
        }
        for (number, sources) in self.layout.facts.iter().enumerate() {
            let cell = self.layout.facts_from + number;
            let own = found.matched[cell];
            let past = found.earlier(sources.first as usize);
            let next = found.later(sources.last as usize);
            self.before[cell] += weight * greater(past - own, 0.0);
            self.after[cell] += weight * greater(next - greater(own, past), 0.0);
        }
    }

    /// Goes through the cells that a term is found in, and those beside them.
    fn add_sparse(&mut self, found: &Found, weight: f32) {
        for cell in &found.cells {
            let cell = *cell as usize;
            self.cover[cell] += weight * found.matched[cell] * self.layout.short[cell];
        }
        for cell in found.near(GAP, self.layout.talk.saturating_sub(GAP)) {
            let (own, past, next) = (found.matched[cell], found.earlier(cell), found.later(cell));
            self.before[cell] += weight * greater(past - own, 0.0);
            self.after[cell] += weight * greater(next - greater(own, past), 0.0);
        }
    }

    /// Goes through all cells, with vector instructions.
    fn add_dense(&mut self, found: &Found, weight: f32) {
        for ((cover, matched), short) in self
            .cover
            .iter_mut()
            .zip(&found.matched)
            .zip(&self.layout.short)
        {
            *cover += weight * matched * short;
        }
        let (talk, lent) = (self.layout.talk, &found.lent);
        if talk > 2 * GAP {
            // Slices of one length, so that the loop has no checks and uses vector instructions.
            let inner = talk - 2 * GAP;
            let from = |start: usize| &lent[start..start + inner];
            let (b1, b2, b3) = (from(GAP - 1), from(GAP - 2), from(GAP - 3));
            let (a1, a2, a3) = (from(GAP + 1), from(GAP + 2), from(GAP + 3));
            let matched = &found.matched[GAP..GAP + inner];
            let before = &mut self.before[GAP..GAP + inner];
            let after = &mut self.after[GAP..GAP + inner];
            for at in 0..inner {
                let past = greater(b1[at], greater(CONTEXT[1] * b2[at], CONTEXT[2] * b3[at]));
                let next = greater(a1[at], greater(CONTEXT[1] * a2[at], CONTEXT[2] * a3[at]));
                let own = matched[at];
                before[at] += weight * greater(past - own, 0.0);
                after[at] += weight * greater(next - greater(own, past), 0.0);
            }
        }
    }

    /// The greatest date number of the memories that count.
    fn greatest_date(&self) -> f32 {
        let days = self.layout.counted_days.iter();
        days.map(|day| nearness(self.spans, *day))
            .fold(0.0, f32::max)
    }

    /// The date number of a row, whose day is `day`: that of the nearer of its two days.
    fn date(&self, row: usize, day: Day) -> f32 {
        let said = nearness(self.spans, day);
        let event = self.layout.events.get(row).copied().unwrap_or(NO_DAY);
        if event == NO_DAY {
            said
        } else {
            greater(said, nearness(self.spans, event))
        }
    }

    /// The numbers of a row, all but that of its vector; `None` if it is deleted.
    pub(crate) fn numbers(&self, row: u32) -> Option<Numbers> {
        let cell = cell_of(self.layout, row)?;
        let row = row as usize;
        let length = self.layout.length[cell];
        let speaks = self.speaker == Some(self.layout.speaker_of[row]);
        let assistant = self.layout.assistant.contains(&(cell as u32));
        let one = |is: bool| f32::from(u8::from(is));
        let mut numbers = Numbers::default();
        numbers.set(Number::Bm25, self.bm25[cell]);
        numbers.set(Number::Cover, self.cover[cell]);
        numbers.set(Number::Before, self.before[cell]);
        numbers.set(Number::After, self.after[cell]);
        numbers.set(Number::Length, length);
        numbers.set(Number::Long, (length - LONG).max(0.0));
        numbers.set(Number::Speaker, one(speaks));
        numbers.set(Number::Assistant, one(assistant));
        numbers.set(
            Number::AssistantAsked,
            one(assistant && self.asks_assistant),
        );
        if !self.spans.is_empty() {
            numbers.set(Number::Date, self.date(row, self.layout.days[row]));
        }
        let worth = self.layout.worth.get(cell);
        numbers.set(Number::Worth, worth.copied().unwrap_or_default());
        Some(numbers)
    }

    /// What the numbers of each cell add up to, without that of the vector.
    fn add_up(&self, weights: &Weights) -> Vec<f32> {
        let of = |number| weights.of(number);
        let (bm25, cover) = (of(Number::Bm25), of(Number::Cover));
        let (before, after) = (of(Number::Before), of(Number::After));
        let (length, long) = (of(Number::Length), of(Number::Long));
        let words = self.bm25.iter().zip(&self.cover);
        let context = self.before.iter().zip(&self.after);
        let lengths = self.layout.length.iter();
        let cells = words.zip(context).zip(lengths);
        let sums = cells.map(|(((one, all), (past, next)), size)| {
            let words = bm25 * one + cover * all;
            let context = before * past + after * next;
            words + context + length * size + long * greater(size - LONG, 0.0)
        });
        let mut sums: Vec<f32> = sums.collect();
        let mut assistant = of(Number::Assistant);
        if self.asks_assistant {
            assistant += of(Number::AssistantAsked);
        }
        for cell in &self.layout.assistant {
            sums[*cell as usize] += assistant;
        }
        let rows = || self.layout.cells.iter().map(|cell| *cell as usize);
        if let Some(asked) = self.speaker {
            for (cell, speaker) in rows().zip(&self.layout.speaker_of) {
                if let Some(sum) = sums.get_mut(cell) {
                    // No branch: which rows are the speaker's cannot be predicted.
                    *sum += of(Number::Speaker) * f32::from(u8::from(asked == *speaker));
                }
            }
        }
        if !self.spans.is_empty() {
            for (row, (cell, day)) in rows().zip(&self.layout.days).enumerate() {
                if let Some(sum) = sums.get_mut(cell) {
                    *sum += of(Number::Date) * self.date(row, *day);
                }
            }
        }
        for (sum, worth) in sums.iter_mut().zip(&self.layout.worth) {
            *sum += of(Number::Worth) * worth;
        }
        sums
    }

    /// The sums of rows without their vectors; minus infinity for one that is deleted.
    pub(crate) fn of_rows(&self, first: u32, count: usize) -> impl Iterator<Item = f32> {
        let cells = self.layout.cells.iter().skip(first as usize).take(count);
        // An empty cell has no sum.
        cells.map(|cell| {
            self.totals
                .get(*cell as usize)
                .copied()
                .unwrap_or(f32::NEG_INFINITY)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn few_cells_add_the_same_one_by_one_as_all_at_once(
            sessions in 0_usize..60,
            notes in 0_usize..20,
            matched in proptest::collection::btree_map(0_usize..80, 0.1_f32..1.0, 0..20),
            weight in 0.1_f32..1.0,
        ) {
            let talk = sessions + 2 * GAP;
            let len = talk + notes;
            let layout = Layout {
                rows: vec![0; len],
                talk,
                facts_from: len,
                support: (0..len).map(|at| 1.0 / (1 + at % 3) as f32).collect(),
                short: (0..len).map(|at| 1.0 / (1 + at % 5) as f32).collect(),
                ..Layout::default()
            };
            let mut found = Found::new(len);
            let is_empty = |cell: usize| cell < GAP || (talk - GAP..talk).contains(&cell);
            for (cell, value) in matched.into_iter().filter(|one| one.0 < len && !is_empty(one.0)) {
                found.cells.push(cell as u32);
                found.matched[cell] = value;
                found.lent[cell] = value * layout.support[cell];
            }
            let reading = Reading::default();
            let sums = || Sums::empty(&layout, &reading);
            let (mut few, mut all) = (sums(), sums());
            few.add_sparse(&found, weight);
            all.add_dense(&found, weight);
            prop_assert_eq!(few.cover, all.cover);
            prop_assert_eq!(few.before, all.before);
            prop_assert_eq!(few.after, all.after);
        }
    }
}
