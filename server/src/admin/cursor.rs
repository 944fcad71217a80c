//! Pages of lists: a list goes on behind its last row, by the cursor that its page before gave. What stands in a cursor is nobody's
//! business.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::page::{Cursor, NameCursor, Page, PageSize};

use super::AdminError;

/// Rows of a page, unless somebody says.
const USUAL: u32 = 50;

/// How many rows were asked for.
pub(super) fn size(limit: Option<u32>) -> Result<PageSize, AdminError> {
    let limit = limit.unwrap_or(USUAL);
    if PageSize::OFFERED.iter().any(|offered| u32::from(*offered) == limit) {
        Ok(PageSize::nearest(limit))
    } else {
        Err(AdminError::invalid("limit", "A page has 25, 50 or 100 rows."))
    }
}

/// Where a page of a list by id begins.
pub(super) fn by_id(cursor: Option<&str>) -> Result<Cursor, AdminError> {
    match cursor {
        None => Ok(Cursor::Newest),
        Some(text) => {
            let id = opened(text, 'i').and_then(|id| id.parse().ok());
            id.map(Cursor::Before).ok_or_else(wrong)
        }
    }
}

/// Where a page of a list by name begins.
pub(super) fn by_name(cursor: Option<&str>) -> Result<NameCursor, AdminError> {
    match cursor {
        None => Ok(NameCursor::First),
        Some(text) => opened(text, 'n').map(NameCursor::After).ok_or_else(wrong),
    }
}

/// A page of a list that is in memory whole and in its order, of those rows that `shows` selects, by what was asked for.
pub(super) fn page<T>(
    all: Vec<T>,
    (cursor, limit): (Option<&str>, Option<u32>),
    shows: impl Fn(&T) -> bool,
    name: impl Fn(&T) -> String,
) -> Result<Page<T>, AdminError> {
    Ok(Page::by_name(all, &by_name(cursor)?, size(limit)?, shows, name))
}

/// Whether a name holds what was searched for, in any case; no search finds all.
pub(super) fn holds(name: &str, searched: Option<&str>) -> bool {
    let text = searched.unwrap_or_default().trim().to_lowercase();
    name.to_lowercase().contains(&text)
}

/// The cursor behind a row of a list by id.
pub(super) fn after_id(id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("i{id}"))
}

/// The cursor behind a row of a list by name.
pub(super) fn after_name(name: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("n{name}"))
}

fn opened(cursor: &str, kind: char) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix(kind).map(str::to_owned)
}

fn wrong() -> AdminError {
    AdminError::invalid(
        "cursor",
        "This is no cursor of this list. Take `next_cursor` of the page before as it stands, with the same filters.",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back_and_no_text_panics(id in any::<i64>(), text in ".{0,40}") {
            prop_assert_eq!(by_id(Some(&after_id(&id.to_string()))).ok(), Some(Cursor::Before(id)));
            prop_assert_eq!(by_name(Some(&after_name(&text))).ok(), Some(NameCursor::After(text.clone())));
            prop_assert!(by_name(Some(&after_id(&id.to_string()))).is_err());
            prop_assert!(by_id(Some(&after_name(&text))).is_err());
            let _ = (by_id(Some(&text)), by_name(Some(&text)));
        }
    }

    #[test]
    fn pages_have_one_of_three_sizes() {
        assert_eq!(size(None).map(PageSize::rows).ok(), Some(50));
        assert_eq!(size(Some(100)).map(PageSize::rows).ok(), Some(100));
        for wrong in [0, 1, 99, 101, u32::MAX] {
            assert!(size(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
