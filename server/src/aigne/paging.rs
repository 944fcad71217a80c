//! Pages as AIGNE's clients turn them: `page` from 1 on, `pageSize` up to 100, answered with `count`, `list` and `paging`.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

use crate::v1::ApiError;

/// Which page.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Paging {
    pub page: u32,
    pub page_size: u32,
}

/// A page of a list.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "PageOf{T}")]
pub struct Turned<T> {
    /// How many there are on all pages.
    pub count: u64,
    pub list: Vec<T>,
    pub paging: Paging,
}

impl Paging {
    /// Reads what stands in the address. `usual` is the size where none is asked for.
    pub fn read(page: Option<&str>, size: Option<&str>, usual: u32) -> Result<Self, ApiError> {
        let number = |text: Option<&str>, usual: u32, most: u32| match text.filter(|text| !text.is_empty()) {
            None => Some(usual),
            Some(text) => text.parse().ok().filter(|number| (1..=most).contains(number)),
        };
        let read = number(page, 1, 1_000_000).zip(number(size, usual, 100));
        let (page, page_size) = read.ok_or_else(|| {
            ApiError::invalid(
                StatusCode::BAD_REQUEST,
                "invalid_paging",
                "'page' is a number from 1 on, 'pageSize' one from 1 to 100.",
            )
        })?;
        Ok(Self { page, page_size })
    }

    /// Rows before this page.
    pub const fn before(self) -> u64 {
        (self.page as u64 - 1) * self.page_size as u64
    }

    /// This page of a list that is there whole.
    pub fn turn<T>(self, all: Vec<T>) -> Turned<T> {
        let count = all.len() as u64;
        let before = usize::try_from(self.before()).unwrap_or(usize::MAX);
        Turned {
            count,
            list: all.into_iter().skip(before).take(self.page_size as usize).collect(),
            paging: self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_where_they_should_be() {
        let paging = |page, size| Paging::read(page, size, 20).ok();
        assert_eq!(paging(None, Some("")), Some(Paging { page: 1, page_size: 20 }));
        for (page, size) in [("0", "20"), ("1", "101"), ("1", "0"), ("-1", "5"), ("x", "5")] {
            assert_eq!(paging(Some(page), Some(size)), None, "{page} {size}");
        }
        let turned = |page| paging(Some(page), Some("2")).unwrap().turn(vec![1, 2, 3]);
        assert_eq!((turned("1").list, turned("1").count), (vec![1, 2], 3));
        assert_eq!(turned("2").list, [3]);
        assert!(turned("1000000").list.is_empty());
    }
}
