//! Following an answer as it grows: only while the reader is at the end, and never again until they come back to it.

use leptos::{ev, prelude::*};

/// Pixels from the end within which the reader counts as being there.
const NEAR: f64 = 64.0;

/// Whether the page follows. Copies share the same state.
#[derive(Clone, Copy, Debug)]
pub struct Follow {
    at_end: RwSignal<bool>,
}

impl Follow {
    /// Follows `grown`, which counts up with every change of the conversation.
    pub fn new(grown: RwSignal<u32>) -> Self {
        let follow = Self {
            at_end: RwSignal::new(true),
        };
        Effect::new(move |before: Option<()>| {
            grown.track();
            if before.is_some() && follow.at_end.get_untracked() {
                // Asked again when the frame is drawn: the reader may have scrolled away in between.
                request_animation_frame(move || {
                    if follow.at_end.get_untracked() {
                        to_end();
                    }
                });
            }
        });
        Effect::new(move |_| {
            let listener = window_event_listener(ev::scroll, move |_| {
                let near = distance().is_none_or(|distance| distance < NEAR);
                if near != follow.at_end.get_untracked() {
                    follow.at_end.set(near);
                }
            });
            // A window turned or narrowed breaks lines anew; whoever was at the end stays there.
            let turned = window_event_listener(ev::resize, move |_| {
                if follow.at_end.get_untracked() {
                    request_animation_frame(to_end);
                }
            });
            on_cleanup(move || {
                listener.remove();
                turned.remove();
            });
        });
        follow
    }

    /// The reader is at the end.
    pub fn at_end(self) -> bool {
        self.at_end.get()
    }

    /// Goes to the end and follows again.
    pub fn resume(self) {
        self.at_end.set(true);
        request_animation_frame(to_end);
    }
}

/// Pixels between the window's lower edge and the page's end.
fn distance() -> Option<f64> {
    let height = document().document_element()?.scroll_height();
    let seen = window().scroll_y().ok()? + window().inner_height().ok()?.as_f64()?;
    Some(f64::from(height) - seen)
}

fn to_end() {
    if let Some(page) = document().document_element() {
        window().scroll_to_with_x_and_y(0.0, f64::from(page.scroll_height()));
    }
}
