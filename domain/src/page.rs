//! Pages of long lists. A page continues after an id (keyset), so new rows never shift what was read.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, newest first.
    pub rows: Vec<T>,
    /// Continue here for older rows; absent on the last page.
    pub older: Option<String>,
    /// Continue here for newer rows; absent on the first page.
    pub newer: Option<String>,
}

/// How many rows match, as far as they were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// At least so many.
    pub rows: i64,
    /// There are more, or may be.
    pub more: bool,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cursor {
    /// The newest rows.
    #[default]
    Newest,
    /// Rows with a smaller id.
    Before(i64),
    /// Rows with a greater id, still shown newest first.
    After(i64),
}

/// Where a page of a list by name begins. Names stay when rows come and go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NameCursor {
    /// The first rows.
    #[default]
    First,
    /// The rows behind this one.
    After(String),
    /// The rows in front of this one.
    Before(String),
}

impl<T> Page<T> {
    /// One page of a list that is in memory whole and in its order. The row that the cursor names is looked for among all
    /// rows, so it may have left what `shows` selects; when it is gone altogether the page is the first.
    ///
    /// `older` and `newer` are the names to go on behind and in front of the page.
    #[must_use]
    pub fn by_name(
        all: Vec<T>,
        cursor: &NameCursor,
        size: PageSize,
        shows: impl Fn(&T) -> bool,
        name: impl Fn(&T) -> String,
    ) -> Self {
        let place = |wanted: &str| all.iter().position(|row| name(row) == wanted);
        let (from, to) = match cursor {
            NameCursor::First => (0, all.len()),
            NameCursor::After(wanted) => (place(wanted).map_or(0, |place| place + 1), all.len()),
            NameCursor::Before(wanted) => (0, place(wanted).unwrap_or(all.len())),
        };
        let backwards = matches!(cursor, NameCursor::Before(wanted) if place(wanted).is_some());
        let shown = |place: &usize| shows(&all[*place]);
        let limit = usize::from(size.rows());
        let within: Vec<usize> = (from..to).filter(shown).collect();
        let within = match within.len().checked_sub(limit) {
            Some(surplus) if backwards => &within[surplus..],
            Some(_) => &within[..limit],
            None => &within[..],
        };
        let (first, last) = match within {
            [] => {
                return Self {
                    rows: Vec::new(),
                    older: None,
                    newer: None,
                };
            }
            [only] => (*only, *only),
            [first, .., last] => (*first, *last),
        };
        let more = |range: std::ops::Range<usize>, edge: usize| {
            range.into_iter().any(|place| shown(&place)).then(|| name(&all[edge]))
        };
        let (older, newer) = (more(last + 1..all.len(), last), more(0..first, first));
        let kept: std::collections::BTreeSet<usize> = within.iter().copied().collect();
        let rows = all.into_iter().enumerate();
        let rows = rows
            .filter(|(place, _)| kept.contains(place))
            .map(|(_, row)| row)
            .collect();
        Self { rows, older, newer }
    }
}

/// How many rows a page holds: one of the three sizes on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u8);

impl PageSize {
    /// The sizes a person can choose.
    pub const OFFERED: [u8; 3] = [25, 50, 100];

    /// The offered size nearest to what was asked for.
    #[must_use]
    pub fn nearest(asked: u32) -> Self {
        Self(
            Self::OFFERED
                .into_iter()
                .find(|size| u32::from(*size) >= asked)
                .unwrap_or(100),
        )
    }

    /// Rows on the page.
    #[must_use]
    pub const fn rows(self) -> u8 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(50)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(all: &[u32], shown: &[bool], cursor: &NameCursor) -> Page<u32> {
        let shows = |row: &u32| shown[*row as usize];
        Page::by_name(all.to_vec(), cursor, PageSize::nearest(25), shows, u32::to_string)
    }

    proptest! {
        /// Forwards and back every shown row is met once and in its order.
        #[test]
        fn pages_by_name_meet_every_row_once(shown in prop::collection::vec(any::<bool>(), 0..200)) {
            let all: Vec<u32> = (0..).take(shown.len()).collect();
            let wanted: Vec<u32> = all.iter().copied().filter(|row| shown[*row as usize]).collect();
            let (mut seen, mut cursor) = (Vec::new(), NameCursor::First);
            let last = loop {
                let page = page(&all, &shown, &cursor);
                prop_assert!(page.rows.len() <= 25);
                seen.extend(page.rows.iter().copied());
                match page.older {
                    Some(name) => cursor = NameCursor::After(name),
                    None => break page,
                }
            };
            prop_assert_eq!(&seen, &wanted);
            let (mut back, mut newer) = (last.rows, last.newer);
            while let Some(name) = newer {
                let page = page(&all, &shown, &NameCursor::Before(name));
                back.splice(0..0, page.rows.iter().copied());
                newer = page.newer;
            }
            prop_assert_eq!(back, wanted);
        }

        /// A row that leaves the selection still marks its place.
        #[test]
        fn a_row_that_is_hidden_keeps_its_place(count in 31_u32..100, place in 0_u32..30) {
            let all: Vec<u32> = (0..count).collect();
            let mut shown = vec![true; all.len()];
            shown[place as usize] = false;
            let after = page(&all, &shown, &NameCursor::After(place.to_string()));
            prop_assert_eq!(after.rows.first(), Some(&(place + 1)));
            let gone = page(&all, &shown, &NameCursor::After("gone".to_owned()));
            prop_assert_eq!(gone.rows.first(), Some(&u32::from(place == 0)));
        }
    }
}
