//! Which addresses are refused.

use crate::actions::guard::{HostPort, Hosts, Refusal, check, is_public, public_only};
use std::net::{IpAddr, SocketAddr};

fn hosts(list: &[&str]) -> Hosts {
    list.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn inside_is_inside_however_it_is_written() {
    let spellings = [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://①②⑦.0.0.1/",
        "https://0/",
        "https://[::]/",
        "https://[::1]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[ff02::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://168.63.129.16/",
        "https://100.100.100.200/",
        "https://10.0.0.1:8443/",
        "https://172.31.255.255/",
        "https://192.168.1.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
    ];
    for url in spellings {
        let refusal = check(url, &Hosts::new());
        assert!(matches!(refusal, Err(Refusal::NotPublic { .. })), "{url}: {refusal:?}");
    }
}

#[test]
fn public_addresses_are_public() {
    let public = [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "168.63.129.17",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2001:4860:4860::8888",
        "2a00:1450::1",
        "64:ff9b::8.8.8.8",
    ];
    for text in public {
        let address: IpAddr = text.parse().unwrap();
        assert!(is_public(address), "{text}");
    }
}

#[test]
fn only_named_hosts_are_trusted() {
    let named =
        hosts(&["127.0.0.1:8080", "erp.internal:443", "[::1]:9000", "plain.example:80"]);
    for url in [
        "http://127.0.0.1:8080/x",
        "http://2130706433:8080/x",
        "https://ERP.internal/x",
        "https://[0::1]:9000/",
        "http://plain.example/",
    ] {
        assert!(check(url, &named).is_ok_and(|target| target.trusted), "{url}");
    }
    for url in [
        "http://127.0.0.1:8081/",
        "http://127.0.0.1/",
        "http://127.0.0.2:8080/",
        "http://erp.internal:8443/",
        "http://plain.example:81/",
    ] {
        assert!(check(url, &named).is_err(), "{url}");
    }
    let other = check("https://hooks.acme.example/", &named);
    assert!(other.is_ok_and(|target| !target.trusted));
}

#[test]
fn what_is_no_plain_web_address_is_refused() {
    let hosts = hosts(&["127.0.0.1:80"]);
    for (url, expected) in [
        ("ftp://acme.example/", "neither"),
        ("file:///etc/passwd", "neither"),
        ("gopher://127.0.0.1:80/", "neither"),
        ("https://user@acme.example/", "user name or a password"),
        ("https://:word@acme.example/", "user name or a password"),
        ("https://", "can't be read"),
        ("acme.example/hook", "can't be read"),
        ("", "can't be read"),
        ("http://acme.example/", "needs `https:`"),
    ] {
        let message = check(url, &hosts).unwrap_err().to_string();
        assert!(message.contains(expected), "{url}: {message}");
        assert!(!message.contains("word@"), "{message}");
    }
}

#[test]
fn a_name_keeps_its_public_addresses_only() {
    let inside: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let inside_too: SocketAddr = "[fd00::1]:0".parse().unwrap();
    let public: SocketAddr = "93.184.216.34:0".parse().unwrap();
    assert_eq!(public_only("n", [inside, public, inside_too]), Ok(vec![public]));
    assert_eq!(public_only("n", []), Ok(Vec::new()));
    assert_eq!(
        public_only("n", [inside_too, inside]),
        Err(Refusal::ResolvesInside { name: "n".to_owned(), address: inside_too.ip() })
    );
}

#[test]
fn host_and_port_are_read() {
    for (text, shown) in [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("0x7f.1:8080", "127.0.0.1:8080"),
        ("Erp.Internal:80", "erp.internal:80"),
        ("[::1]:443", "[::1]:443"),
        ("münchen.example:443", "xn--mnchen-3ya.example:443"),
    ] {
        assert_eq!(text.parse::<HostPort>().unwrap().to_string(), shown);
    }
    for text in [
        "",
        ":80",
        "acme.example",
        "acme.example:",
        "acme.example:0",
        "acme.example:65536",
        "acme.example:http",
        "http://acme.example:80",
        "a@acme.example:80",
        "acme.example/x:80",
        "::1:80",
        "a b:80",
        "*:80",
        "[::1]:80:80",
        "[::1]x:80",
        "a\\b:80",
        "a?b:80",
        "a#b:80",
        "acme.example:80:80",
    ] {
        assert!(text.parse::<HostPort>().is_err(), "{text}");
    }
}
