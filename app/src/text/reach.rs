//! What the hub says of a provider that it could not reach, or whose answer it could not read, in the reader's language. It is kept
//! as `gateway` says it in English (`gateway/src/providers/words.rs`). What a provider says of itself stays as it was said.

use std::borrow::Cow;

use super::Language;

/// The sentences in both languages. `{}` stands for what differs, and is told in its turn.
const SENTENCES: [(&str, &str); 19] = [
    (
        "the connection was refused; nothing listens at that address and port",
        "连接被拒绝：该地址和端口上没有服务在监听",
    ),
    (
        "the connection timed out; the host does not answer at that address and port",
        "连接超时：主机在该地址和端口上没有应答",
    ),
    (
        "there is no way to the host; check the network of this machine",
        "无法到达该主机，请检查本机网络",
    ),
    ("the connection was reset by the other side", "连接被对方重置"),
    (
        "the connection was closed before the answer was complete",
        "应答尚未完整，连接就被关闭",
    ),
    ("the certificate is not trusted: {}", "证书不受信任：{}"),
    (
        "no authority that this machine trusts has signed it",
        "签发机构不受本机信任",
    ),
    ("it has expired", "证书已过期"),
    ("it is not valid yet", "证书尚未生效"),
    ("it was made for another host name", "证书属于其他主机名"),
    ("it has signed itself", "证书是自签名的"),
    (
        "no TLS connection came about: {}; check that the base URL begins as the server speaks",
        "无法建立 TLS 连接：{}；请检查基础网址的开头是否与服务器的协议一致",
    ),
    (
        "what came back is no valid HTTP ({}); check the base URL",
        "返回的内容不是有效的 HTTP（{}），请检查基础网址",
    ),
    (
        "the host name was not found ({}); check the base URL",
        "找不到主机名（{}），请检查基础网址",
    ),
    (
        "the answer is not a list of models; check the base URL",
        "返回的不是模型列表，请检查基础网址",
    ),
    ("the provider refused without a word", "提供商拒绝了请求，没有说明原因"),
    ("the list of models is larger than 8 MB", "模型列表超过 8 MB"),
    ("no answer within {} seconds", "{} 秒内没有应答"),
    ("no first byte within {} ms", "{} 毫秒内没有收到首个字节"),
];

/// The same in the reader's language where it is the hub's own sentence.
pub fn told(said: &str, language: Language) -> Cow<'_, str> {
    if language == Language::En {
        return Cow::Borrowed(said);
    }
    for (english, chinese) in SENTENCES {
        match english.split_once("{}") {
            None if english == said => return Cow::Borrowed(chinese),
            None => {}
            Some((before, after)) => {
                let within = said.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                if let Some(within) = within {
                    return Cow::Owned(chinese.replace("{}", &told(within, language)));
                }
            }
        }
    }
    Cow::Borrowed(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_of_the_gateway_has_its_chinese() {
        for said in gateway::SENTENCES_OF_REACH {
            let said = said.replace("{}", "12");
            assert_eq!(told(&said, Language::En), said);
            let chinese = told(&said, Language::Zh);
            assert!(chinese.chars().any(|sign| sign > '\u{4e00}'), "{said}");
            assert_eq!(chinese.contains("12"), said.contains("12"), "{chinese}");
        }
        assert_eq!(gateway::SENTENCES_OF_REACH.len(), SENTENCES.len());
    }

    #[test]
    fn what_differs_is_told_in_its_turn_and_what_others_say_stays() {
        let told = |said| told(said, Language::Zh).into_owned();
        assert_eq!(
            told("the certificate is not trusted: it has expired"),
            "证书不受信任：证书已过期"
        );
        assert_eq!(told("the certificate is not trusted: BadName"), "证书不受信任：BadName");
        assert_eq!(told("Incorrect API key"), "Incorrect API key");
    }
}
