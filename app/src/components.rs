//! What pages are assembled from. No component reads data: pages hand it in. Every component knows the visitor's language.
//!
//! The classes are those of `style/`; a new look begins there, not here.

pub mod badge;
pub mod button;
pub mod code;
pub mod delete;
pub mod dialog;
pub mod disclosure;
pub mod facts;
pub mod field;
pub mod filter;
pub mod form;
pub mod format;
pub mod frame;
pub mod gate;
pub mod icon;
pub mod limits;
pub mod money;
pub mod notice;
pub mod panel;
pub mod price;
pub mod state;
mod tab;
pub mod table;
pub mod tabs;
pub mod time;

pub use badge::{Badge, Count, Status, Tone};
pub use button::{IconLink, LinkButton, PostButton, SubmitButton, SwitchButton};
pub use code::{Code, CopyLine, SecretBox};
pub use delete::DeletePage;
pub use dialog::AskButton;
pub use disclosure::Disclosure;
pub use facts::{Facts, fact};
pub use field::{CheckField, Choice, ChoiceField, SelectField, TextArea, TextField};
pub use filter::{FilterForm, FilterMore, FilterPeriod, FilterSelect, FilterText, period_note};
pub use form::{ConfirmForm, Form, FormFoot, Hidden, Seen};
pub use frame::{Page, PageHead, Place, page};
pub use gate::{GatePage, OpenPage};
pub use icon::{Icon, Logo};
pub use limits::{LimitsPanel, LimitsTable};
pub use money::{MoneyChange, MoneyOrNone, MoneyText};
pub use notice::{Banner, Flashes};
pub use panel::Panel;
pub use price::{PriceText, price_or_none};
pub use state::{NoMatch, Nothing, State, StateKind};
pub use tab::TabTitle;
pub use table::{Column, Pager, Table, Turn};
pub use tabs::Tabs;
pub use time::{Span, Time, TimeStyle};
