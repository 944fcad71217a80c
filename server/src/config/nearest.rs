//! Finds the setting that a misspelt word was probably meant to be.

/// A sentence that proposes the candidate most like `word`, or nothing when none is close.
pub fn hint(word: &str, candidates: impl Iterator<Item = String>) -> String {
    let allowed = (word.len() / 3).max(2);
    candidates
        .map(|candidate| (distance(word, &candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| format!(" Did you mean {candidate}?"))
        .unwrap_or_default()
}

/// How many letters must be added, dropped or changed to turn one word into the other.
fn distance(first: &str, second: &str) -> usize {
    let second: Vec<char> = second.chars().collect();
    let mut row: Vec<usize> = (0..=second.len()).collect();
    for (line, letter) in first.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (column, other) in second.iter().enumerate() {
            let above = row.get(column + 1).copied().unwrap_or_default();
            let cost = (diagonal + usize::from(letter != *other)).min(above + 1).min(left + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(column) {
                *cell = left;
            }
            left = cost;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("listen", "listen"), 0);
        assert_eq!(distance("lsten", "listen"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn only_likely_words_are_proposed() {
        let words = || ["HUB_LISTEN", "HUB_LOG"].into_iter().map(str::to_owned);
        assert_eq!(hint("HUB_LISTNE", words()), " Did you mean HUB_LISTEN?");
        assert_eq!(hint("HUB_SOMETHING_ELSE", words()), "");
    }
}
