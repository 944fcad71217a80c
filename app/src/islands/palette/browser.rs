//! What the palette does in the browser: opens, waits until typing pauses, asks, and drops answers to words that are no longer
//! there. On the server it does nothing.

use leptos::{ev, html, prelude::*};

use super::hit::Hit;

/// What the palette knows at this moment.
#[derive(Clone, Copy)]
pub(super) struct Finder {
    /// What is typed.
    pub(super) words: RwSignal<String>,
    /// The number of the option that Enter opens.
    pub(super) chosen: RwSignal<usize>,
    /// What was opened lately.
    pub(super) recent: RwSignal<Vec<Hit>>,
    /// What the hub has answered to these very words.
    pub(super) found: RwSignal<Vec<Hit>>,
    /// An answer is on its way.
    pub(super) busy: RwSignal<bool>,
    /// The last question got none.
    pub(super) failed: RwSignal<bool>,
    /// Raised with each change of the words: an answer to an older question is dropped.
    question: StoredValue<u64>,
    viewer: StoredValue<String>,
}

impl Finder {
    /// Nothing typed, nothing found.
    pub(super) fn new(viewer: String) -> Self {
        Self {
            words: RwSignal::new(String::new()),
            chosen: RwSignal::new(0),
            recent: RwSignal::new(Vec::new()),
            found: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            failed: RwSignal::new(false),
            question: StoredValue::new(0),
            viewer: StoredValue::new(viewer),
        }
    }

    /// New words: what was found for the old ones goes at once.
    pub(super) fn typed(self, words: String) {
        let asks = words.trim().chars().count() > 1;
        self.question.update_value(|question| *question += 1);
        self.words.set(words);
        self.chosen.set(0);
        self.found.set(Vec::new());
        self.failed.set(false);
        self.busy.set(asks);
        #[cfg(feature = "hydrate")]
        if asks {
            self.ask_soon();
        }
    }
}

#[cfg(not(feature = "hydrate"))]
impl Finder {
    pub(super) fn listen(self, _: NodeRef<html::Dialog>, _: NodeRef<html::Input>, _: NodeRef<html::Dialog>) {
        let _ = (self.question, self.viewer);
    }

    pub(super) fn show(self, _: NodeRef<html::Dialog>, _: NodeRef<html::Input>) {}

    pub(super) fn swap(self, _: NodeRef<html::Dialog>, _: NodeRef<html::Dialog>) {}

    pub(super) fn open(self, _: &Hit) {}
}

/// Brings an option into sight.
pub(super) fn show(number: usize) {
    #[cfg(feature = "hydrate")]
    acts::show(number);
    #[cfg(not(feature = "hydrate"))]
    let _ = number;
}

/// Closes the dialog.
pub(super) fn close(dialog: NodeRef<html::Dialog>) {
    #[cfg(feature = "hydrate")]
    acts::close(dialog);
    #[cfg(not(feature = "hydrate"))]
    let _ = dialog;
}

/// Closes the dialog when the ground around it was pressed.
pub(super) fn close_outside(event: &ev::MouseEvent, dialog: NodeRef<html::Dialog>) {
    if event.target() == event.current_target() {
        close(dialog);
    }
}

#[cfg(feature = "hydrate")]
mod acts {
    use std::time::Duration;

    use leptos::{ev, html, prelude::*, task::spawn_local};

    use super::super::{
        find::find,
        keyboard::{self, Asked},
        recent, returning,
    };
    use super::{Finder, Hit};

    /// So long nothing is typed before the hub is asked.
    const PAUSE: Duration = Duration::from_millis(120);

    impl Finder {
        /// Keys that act anywhere on the page.
        pub(in super::super) fn listen(
            self,
            dialog: NodeRef<html::Dialog>,
            field: NodeRef<html::Input>,
            keys: NodeRef<html::Dialog>,
        ) {
            let listening = window_event_listener(ev::keydown, move |event| {
                let acts = match keyboard::asked(&event) {
                    Some(Asked::Palette) => {
                        self.show(dialog, field);
                        true
                    }
                    Some(Asked::Shortcuts) => {
                        open(keys);
                        true
                    }
                    Some(Asked::Search) => keyboard::focus_search(),
                    Some(Asked::Leave) => keyboard::leave(),
                    None => false,
                };
                if acts {
                    event.prevent_default();
                }
            });
            on_cleanup(move || listening.remove());
            returning::listen();
        }

        /// Opens with nothing typed, and the cursor in the field.
        pub(in super::super) fn show(self, dialog: NodeRef<html::Dialog>, field: NodeRef<html::Input>) {
            self.recent.set(self.viewer.with_value(|viewer| recent::of(viewer)));
            self.typed(String::new());
            open(dialog);
            if let Some(field) = field.get_untracked() {
                field.set_value("");
                let _ = field.focus();
            }
        }

        /// From the palette to the list of keys.
        pub(in super::super) fn swap(self, dialog: NodeRef<html::Dialog>, keys: NodeRef<html::Dialog>) {
            close(dialog);
            open(keys);
        }

        /// Goes there, and remembers it.
        pub(in super::super) fn open(self, hit: &Hit) {
            self.viewer.with_value(|viewer| recent::remember(viewer, hit));
            let _ = window().location().set_href(&hit.href);
        }

        /// Asks when typing pauses. Whoever types on asks anew, and the answer to this is dropped.
        pub(super) fn ask_soon(self) {
            let question = self.question.get_value();
            let current = move || self.question.try_get_value() == Some(question);
            set_timeout(
                move || {
                    if !current() {
                        return;
                    }
                    let words = self.words.get_untracked();
                    spawn_local(async move {
                        let answer = find(words).await;
                        if !current() {
                            return;
                        }
                        self.busy.set(false);
                        match answer {
                            Ok(found) => self.found.set(found),
                            Err(_) => self.failed.set(true),
                        }
                    });
                },
                PAUSE,
            );
        }
    }

    /// One dialog at a time.
    fn open(dialog: NodeRef<html::Dialog>) {
        if document()
            .query_selector("dialog:modal")
            .is_ok_and(|open| open.is_some())
        {
            return;
        }
        if let Some(dialog) = dialog.get_untracked() {
            let _ = dialog.show_modal();
        }
    }

    pub(super) fn close(dialog: NodeRef<html::Dialog>) {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    }

    pub(super) fn show(number: usize) {
        if let Some(option) = document().get_element_by_id(&format!("palette-{number}")) {
            option.scroll_into_view_with_bool(false);
        }
    }
}
