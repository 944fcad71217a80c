//! What the reports of one stream come to, and how much of its answer they count. Used by the readers of wires whose reports each tell
//! of everything so far; `call::stream` adds what no report counts.

use domain::usage::Usage;

use super::Report;

/// How much of an answer its report counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Nobody knows: the prompt, and of the answer a placeholder, or one of several choices. So it is without a report.
    Part,
    /// What had been written so far, which came to so many bytes.
    UpTo(u64),
    /// All of it: the answer had ended.
    All,
}

/// A text of so many bytes may be this many tokens: no tokenizer has longer ones on the average, not even for white space.
const LONGEST_TOKEN: u64 = 64;
/// And this many where it was counted before its last word: what people write comes to half of that, with proofs of thoughts to all.
const LONGEST_BEFORE: u64 = 16;

impl Counted {
    /// The same where an answer of so many bytes has come to its proper end. Some services count while they write, or before, and say
    /// no last word: unless so few tokens are unlikely to be so many bytes, that was all.
    #[must_use]
    pub fn at_end(self, report: Option<&Report>, bytes: u64) -> Self {
        let usage = report.and_then(|report| report.usage.as_ref().ok());
        let can_be = |longest| usage.is_none_or(|usage| bytes <= usage.output_total().saturating_mul(longest));
        match self {
            Self::UpTo(counted) if counted >= bytes && can_be(LONGEST_TOKEN) => Self::All,
            Self::UpTo(_) if can_be(LONGEST_BEFORE) => Self::All,
            counted => counted,
        }
    }
}

/// When a report came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// So many bytes of the answer had been written, those of its own frame among them.
    pub bytes: u64,
    /// The answer had ended.
    pub ended: bool,
    /// It came with what one of several choices says, and may count that one alone.
    pub of_one: bool,
}

/// The reports of a stream as one. Counts do not fall: what was read or written once is not undone.
#[derive(Debug, Default)]
pub struct Counts(Option<(Report, Moment)>);

impl Counts {
    /// Takes a later report. One that makes no sense is taken as it is, and refused when it is read.
    pub fn take(&mut self, later: Report, moment: Moment) {
        let before = self.0.take();
        self.0 = Some(match before {
            Some(before) => joined(before, (later, moment)),
            None => (later, moment),
        });
    }

    /// All that was reported.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.0.as_ref().map(|(report, _)| report)
    }

    /// How much that counts of an answer of so many bytes.
    #[must_use]
    pub fn counted(&self, bytes: u64) -> Counted {
        match self.0.as_ref().map(|(_, moment)| moment) {
            None => Counted::Part,
            Some(moment) if moment.of_one && !moment.ended => Counted::Part,
            Some(moment) if moment.ended && !moment.of_one && moment.bytes >= bytes => Counted::All,
            Some(moment) => Counted::UpTo(moment.bytes),
        }
    }
}

/// Of two reports the later one, but for the side of it that counts less than before.
fn joined(before: (Report, Moment), later: (Report, Moment)) -> (Report, Moment) {
    let (Ok(told), Ok(tells)) = (&before.0.usage, &later.0.usage) else {
        return later;
    };
    let read = if told.input_total() > tells.input_total() {
        told
    } else {
        tells
    };
    let fell = told.output_total() > tells.output_total();
    let wrote = if fell { told } else { tells };
    let usage = Usage {
        output_text: wrote.output_text,
        output_reasoning: wrote.output_reasoning,
        output_audio: wrote.output_audio,
        output_image: wrote.output_image,
        ..*read
    };
    let (report, moment) = if fell { before } else { later };
    let usage = Ok(usage);
    (Report { usage, ..report }, moment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn report(input_uncached: u64, output_text: u64) -> Report {
        let usage = Usage {
            input_uncached,
            output_text,
            ..Usage::default()
        };
        Report {
            raw: format!("{input_uncached} {output_text}").into_bytes(),
            usage: Ok(usage),
        }
    }

    const fn at(bytes: u64, ended: bool, of_one: bool) -> Moment {
        Moment { bytes, ended, of_one }
    }

    #[test]
    fn a_report_counts_what_was_written_by_then() {
        for (moment, wanted) in [
            (at(0, false, false), Counted::UpTo(0)),
            (at(0, true, false), Counted::UpTo(0)),
            (at(8, false, false), Counted::UpTo(8)),
            (at(8, true, false), Counted::All),
            (at(4, true, false), Counted::UpTo(4)),
            (at(8, false, true), Counted::Part),
            // The last of several choices has ended: what is left may follow.
            (at(8, true, true), Counted::UpTo(8)),
        ] {
            let mut counts = Counts::default();
            assert_eq!(counts.counted(8), Counted::Part);
            counts.take(report(1, 1), moment);
            assert_eq!(counts.counted(8), wanted, "{moment:?}");
        }
        let mut counts = Counts::default();
        counts.take(report(1, 0), at(0, true, false));
        assert_eq!(counts.counted(0), Counted::All, "nothing was written");
    }

    #[test]
    fn at_its_end_an_answer_is_what_was_counted_last() {
        let few = report(1, 2);
        for (counted, bytes, wanted) in [
            (Counted::UpTo(128), 128, Counted::All),
            (Counted::UpTo(129), 129, Counted::UpTo(129)),
            (Counted::UpTo(8), 32, Counted::All),
            (Counted::UpTo(8), 33, Counted::UpTo(8)),
            (Counted::UpTo(0), 33, Counted::UpTo(0)),
            (Counted::Part, 0, Counted::Part),
            (Counted::All, 1_000, Counted::All),
        ] {
            assert_eq!(counted.at_end(Some(&few), bytes), wanted, "{counted:?}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_taken_as_it_is() {
        let nonsense = Report {
            raw: Vec::new(),
            usage: Err("no".to_owned()),
        };
        let mut counts = Counts::default();
        counts.take(report(5, 9), at(4, false, false));
        counts.take(nonsense.clone(), at(8, true, false));
        assert_eq!((counts.report(), counts.counted(8)), (Some(&nonsense), Counted::All));
        counts.take(report(1, 1), at(8, true, false));
        assert_eq!(counts.report(), Some(&report(1, 1)));
    }

    proptest! {
        #[test]
        fn counts_never_fall(told in prop::collection::vec((0..9_u64, 0..9_u64, 0..9_u64), 1..9)) {
            let mut counts = Counts::default();
            for (bytes, (read, wrote, _)) in told.iter().enumerate() {
                counts.take(report(*read, *wrote), at(bytes as u64 + 1, false, false));
            }
            let usage = counts.report().unwrap().usage.clone().unwrap();
            let most = |side: fn(&(u64, u64, u64)) -> u64| told.iter().map(side).max().unwrap();
            prop_assert_eq!((usage.input_total(), usage.output_total()), (most(|one| one.0), most(|one| one.1)));
            // It counts what was written when the largest came last.
            let largest = told.iter().rposition(|one| one.1 == usage.output_total()).unwrap();
            prop_assert_eq!(counts.counted(9), Counted::UpTo(largest as u64 + 1));
        }
    }
}
