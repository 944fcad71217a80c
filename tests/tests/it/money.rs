//! Calls that cost money, through the real binary on both databases. After each test the books are proved.

#[path = "money/books.rs"]
mod books;
#[path = "money/clock.rs"]
mod clock;
#[path = "money/disk.rs"]
mod disk;
#[path = "money/ends.rs"]
mod ends;
#[path = "money/files.rs"]
mod files;
#[path = "money/race.rs"]
mod race;
#[path = "money/rules.rs"]
mod rules;
#[path = "money/spend.rs"]
mod spend;
#[path = "money/still.rs"]
mod still;
