//! The ends of parts and items: each repeats what its pieces came to.

use serde_json::json;

use super::{
    super::{
        items::{self, Status},
        names::Callee,
        sealed::Sealed,
    },
    LastText, Open, Part, Writer,
};

impl Writer {
    pub(super) fn close_part(&mut self, out: &mut Vec<u8>) {
        let Open::Message(parts, open) = &mut self.open else {
            return;
        };
        let (Some(part), index) = (open.take(), parts.len()) else {
            return;
        };
        let written = part.json();
        parts.push(written.clone());
        match &part {
            Part::Text { text, .. } => {
                self.last_text = Some(LastText {
                    item: self.output.len(),
                    part: index,
                    length: text.chars().count(),
                });
                for (at, source) in part.annotations().into_iter().enumerate() {
                    let members = json!({ "content_index": index, "annotation_index": at, "annotation": source });
                    self.about("msg", "response.output_text.annotation.added", members, out);
                }
                let members = json!({ "content_index": index, "text": text, "logprobs": [] });
                self.about("msg", "response.output_text.done", members, out);
            }
            Part::Refusal(text) => {
                let members = json!({ "content_index": index, "refusal": text });
                self.about("msg", "response.refusal.done", members, out);
            }
        }
        let members = json!({ "content_index": index, "part": written });
        self.about("msg", "response.content_part.done", members, out);
    }

    /// Closes the open item.
    pub(super) fn close(&mut self, status: Status, out: &mut Vec<u8>) {
        self.close_part(out);
        match std::mem::take(&mut self.open) {
            Open::Nothing => {}
            Open::Message(parts, _) => {
                let item = items::message(&self.name("msg"), status, &parts);
                self.done(item, out);
            }
            Open::Thought { text, signature } => {
                let mut summary = Vec::new();
                if !text.is_empty() {
                    let members = json!({ "summary_index": 0, "text": text });
                    self.about("rs", "response.reasoning_summary_text.done", members, out);
                    summary.push(items::summary(&text));
                    let members = json!({ "summary_index": 0, "part": items::summary(&text) });
                    self.about("rs", "response.reasoning_summary_part.done", members, out);
                }
                let sealed = signature.map(Sealed::Signature);
                let item = items::reasoning(&self.name("rs"), &summary, sealed.as_ref());
                self.done(item, out);
            }
            Open::Call(start, arguments) if Callee::of(&start.name).free => {
                let input = items::free_text(&arguments);
                self.about(
                    "ctc",
                    "response.custom_tool_call_input.delta",
                    json!({ "delta": input }),
                    out,
                );
                self.about(
                    "ctc",
                    "response.custom_tool_call_input.done",
                    json!({ "input": input }),
                    out,
                );
                let item = items::call(&self.name("ctc"), status, &start, &input);
                self.done(item, out);
            }
            Open::Call(start, mut arguments) => {
                if arguments.trim().is_empty() {
                    // Arguments are JSON for every client, also where a model gave none.
                    "{}".clone_into(&mut arguments);
                    let members = json!({ "delta": arguments });
                    self.about("fc", "response.function_call_arguments.delta", members, out);
                }
                let item = items::call(&self.name("fc"), status, &start, &arguments);
                let members = json!({ "arguments": arguments, "name": item["name"] });
                self.about("fc", "response.function_call_arguments.done", members, out);
                self.done(item, out);
            }
        }
    }
}
