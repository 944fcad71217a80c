//! Calls that are paid: admitted, held, extended, settled. After each test the books are proved.

mod admission;
mod attempts;
mod bounds;
mod endings;
mod growing;
mod large;
mod limits;
mod pictures;
mod prices;
mod reports;
mod till;
mod together;
mod wires;
