//! A page of last resort: for when the console itself cannot be rendered. No scripts, our style sheet, one sentence.

use app::text::Language;
use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};

/// A whole page with a heading and a sentence.
pub fn plain_page(status: StatusCode, language: Language, heading: &str, sentence: &str) -> Response {
    let (tag, back) = (language.tag(), language.pick("Back to the start", "返回首页"));
    let (heading, sentence) = (escape(heading), escape(sentence));
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{heading} · AIGNE Hub</title>\
         <link rel=\"stylesheet\" href=\"/pkg/hub.css\"><link rel=\"icon\" href=\"/favicon.svg\"></head>\
         <body><div class=\"gatepage\"><header class=\"gatepage-head\"><a class=\"brand\" href=\"/\">\
         <img class=\"mark\" src=\"/mark.svg\" alt=\"\">AIGNE Hub</a></header>\
         <main class=\"gatepage-main gatepage-main-wide\"><div class=\"state state-bad\">\
         <svg class=\"icon\" aria-hidden=\"true\"><use href=\"/icons.svg#i-fail\"></use></svg>\
         <h1>{heading}</h1><p>{sentence}</p><div class=\"btn-row\"><a class=\"btn\" href=\"/\">{back}</a></div>\
         </div></main></div></body></html>\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            escape("<a href=\"x\">&</a>"),
            "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt;"
        );
    }
}
