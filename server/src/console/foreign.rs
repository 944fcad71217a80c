//! Refuses changes that another site's page sends. Browsers say where a request comes from; no tokens are needed.

use axum::{extract::Request, middleware::Next, response::Response};
use http::StatusCode;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use super::plain_page;

/// Marks the refusal for [`explain`], which knows the language.
#[derive(Clone, Copy, Debug)]
struct Foreign;

/// The layer that refuses.
pub fn layer(public_url: &str) -> CsrfLayer<impl Fn(ProtectionError) -> Response + Clone + use<>> {
    let refused = |_: ProtectionError| {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::FORBIDDEN;
        response.extensions_mut().insert(Foreign);
        response
    };
    let layer = CsrfLayer::new();
    // A proxy may rewrite Host; the public address is ours whatever Host says.
    let layer = layer.add_trusted_origin(public_url).unwrap_or_default();
    layer.with_rejection_response(refused)
}

/// Stands around the layer and says what happened, in the language of the browser.
pub async fn explain(request: Request, next: Next) -> Response {
    let language = app::context::language(request.headers());
    let response = next.run(request).await;
    if response.extensions().get::<Foreign>().is_none() {
        return response;
    }
    let heading = language.pick("This request came from another site", "该请求来自其他网站");
    let sentence = language.pick(
        "The hub only takes changes from its own pages. If this is its own page, HUB_PUBLIC_URL is not the address in your browser; ask your admin.",
        "Hub 只接受来自自身页面的更改。如果这就是 Hub 的页面，说明 HUB_PUBLIC_URL 与浏览器中的地址不一致，请联系管理员。",
    );
    plain_page(StatusCode::FORBIDDEN, language, heading, sentence)
}
