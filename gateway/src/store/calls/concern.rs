//! Which calls somebody should look at, as conditions on the columns of `call`: literals, so that a statement may be put
//! together from them before it is compiled. Used by the list (`window`) and by the counts of the books.

use domain::call::Concern;

/// The condition of one reason, or of any: that is the index `call_concern`'s own, word for word, else it would not be used.
macro_rules! concern {
    (any) => {
        "(lost = 1 OR late = 1 OR ahead = 1 OR loss > 0 OR (usage_source = 'estimated' AND raw_usage IS NOT NULL))"
    };
    (unbilled) => {
        "(lost = 1 AND late = 0 AND hold_seq IS NOT NULL AND charge IS NULL)"
    };
    (late) => {
        "(late = 1)"
    };
    (ahead) => {
        "(ahead = 1)"
    };
    (loss) => {
        "(loss > 0)"
    };
    // A report is kept also when it was not believed.
    (doubted) => {
        "(usage_source = 'estimated' AND raw_usage IS NOT NULL)"
    };
}
pub(crate) use concern;

/// The condition of this reason.
pub(super) const fn condition(of: Concern) -> &'static str {
    match of {
        Concern::Unbilled => concern!(unbilled),
        Concern::Late => concern!(late),
        Concern::Ahead => concern!(ahead),
        Concern::Loss => concern!(loss),
        Concern::Doubted => concern!(doubted),
    }
}
