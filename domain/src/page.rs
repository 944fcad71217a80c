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
