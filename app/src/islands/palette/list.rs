//! What the palette lists: the recent ones and all pages while nothing is typed, else what matches. Pure, so that it is tested
//! without a browser.

use super::hit::{Hit, HitKind};
use crate::text::Language;

/// A heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// Each with its number in the whole list, from zero.
    pub hits: Vec<(usize, Hit)>,
}

/// The sections for these words. `found` is what the hub has answered to them.
pub fn sections(words: &str, pages: &[Hit], recent: &[Hit], found: &[Hit], language: Language) -> Vec<Section> {
    let words = words.trim();
    let mut lists: Vec<(&'static str, Vec<Hit>)> = Vec::new();
    if words.is_empty() {
        lists.push((language.pick("Recent", "最近"), recent.to_vec()));
        lists.push((HitKind::Page.title(language), pages.to_vec()));
    } else {
        let matching = pages.iter().filter(|page| page.matches(words)).cloned();
        lists.push((HitKind::Page.title(language), matching.collect()));
        for kind in HitKind::ALL {
            let of_kind = found.iter().filter(|hit| hit.kind == kind).cloned();
            lists.push((kind.title(language), of_kind.collect()));
        }
    }
    let mut number = 0;
    let mut numbered = |hit| {
        number += 1;
        (number - 1, hit)
    };
    lists
        .into_iter()
        .filter(|(_, hits)| !hits.is_empty())
        .map(|(title, hits)| Section {
            title,
            hits: hits.into_iter().map(&mut numbered).collect(),
        })
        .collect()
}

/// The number that comes after `chosen` by one step of a list of so many, round and round.
pub const fn step(chosen: usize, down: bool, of: usize) -> usize {
    match (of, down) {
        (0, _) => 0,
        (of, true) => (chosen + 1) % of,
        (of, false) => (chosen + of - 1) % of,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(kind: HitKind, title: &str) -> Hit {
        Hit::new(kind, title, "", format!("/{title}"))
    }

    #[test]
    fn recent_first_when_nothing_is_typed() {
        let pages = [hit(HitKind::Page, "calls"), hit(HitKind::Page, "keys")];
        let recent = [hit(HitKind::User, "ada")];
        let found = [hit(HitKind::Key, "stale")];
        let all = sections("  ", &pages, &recent, &found, Language::En);
        let titles: Vec<_> = all.iter().map(|section| section.title).collect();
        assert_eq!(titles, ["Recent", "Pages"]);
        let numbers: Vec<_> = all
            .iter()
            .flat_map(|section| section.hits.iter().map(|(number, _)| *number))
            .collect();
        assert_eq!(numbers, [0, 1, 2]);
        assert_eq!(sections("", &pages, &[], &[], Language::En).len(), 1);
    }

    #[test]
    fn what_is_typed_narrows_pages_and_shows_what_the_hub_found() {
        let pages = [hit(HitKind::Page, "calls"), hit(HitKind::Page, "keys")];
        let found = [hit(HitKind::Model, "keystone"), hit(HitKind::User, "keyes")];
        let all = sections("key", &pages, &[hit(HitKind::User, "ada")], &found, Language::Zh);
        let titles: Vec<_> = all.iter().map(|section| section.title).collect();
        assert_eq!(titles, ["页面", "用户", "模型"]);
        assert!(sections("zzz", &pages, &[], &[], Language::En).is_empty());
    }

    #[test]
    fn arrows_go_round() {
        assert_eq!((step(0, true, 3), step(2, true, 3), step(0, false, 3)), (1, 0, 2));
        assert_eq!((step(5, true, 0), step(0, false, 0)), (0, 0));
    }
}
