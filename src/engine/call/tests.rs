//! What becomes of values in addresses, headers and bodies.

use crate::engine::call::{address, body, header, host};
use serde_json::{Map, Value, json};

fn values() -> Map<String, Value> {
    let values = json!({
        "user": { "name": "Ünal \"Al\" O'Neil\n", "email": "a+b@c.example", "none": "" },
        "seat": "../admin?all=1#",
        "dots": "..",
        "count": 12,
        "on": true,
        "nothing": null,
    });
    match values {
        Value::Object(values) => values,
        _ => Map::new(),
    }
}

fn at(url: &str) -> Result<String, String> {
    address(url, &values())
}

/// rows: O10
#[test]
fn a_value_is_one_part_of_an_address() {
    let url = "https://api.acme.example/seats/{{ seat }}?who={{ user.email | urlencode }}&n={{count}}";
    assert_eq!(
        at(url).unwrap(),
        "https://api.acme.example/seats/..%2Fadmin%3Fall%3D1%23?who=a%2Bb%40c.example&n=12"
    );
    assert_eq!(
        at("https://a.example/{{ user.email | upper }}").unwrap(),
        "https://a.example/A%2BB%40C.EXAMPLE"
    );
    assert_eq!(host("https://a.example:8080/{{ seat }}"), "a.example:8080");
}

#[test]
fn an_address_about_nobody_is_none() {
    let missing = |name: &str| format!("`{name}` is not known, and the address needs it");
    for name in ["user.none", "user.other", "nothing", "user.none | urlencode"] {
        assert_eq!(
            at(&format!("https://a.example/u/{{{{ {name} }}}}")),
            Err(missing(name))
        );
    }
    let dots = Err("a part of the address would be `.` or `..`".to_owned());
    assert_eq!(at("https://a.example/u/{{ dots }}/close"), dots);
    assert_eq!(
        at("https://a.example/u/{{ user.none | default('x') }}").unwrap(),
        "https://a.example/u/x"
    );
}

/// rows: O11
#[test]
fn a_value_is_text_in_text_and_a_value_elsewhere() {
    let json = r#"{"name": "Dear {{ user.name }}!", "n": {{ count }}, "on": {{ on }}, "who": {{ user.email }}, "x": {{ nothing }}, "y": "{{ nothing }}", "z": "\"{{ seat | tojson }}"}"#;
    let filled = body(json, &values()).unwrap();
    let read: Value = serde_json::from_str(&filled).unwrap();
    assert_eq!(
        read,
        json!({
            "name": "Dear Ünal \"Al\" O'Neil\n!", "n": 12, "on": true, "who": "a+b@c.example",
            "x": null, "y": "", "z": "\"../admin?all=1#",
        })
    );
}

#[test]
fn a_header_stays_one() {
    assert_eq!(header("seat {{ count }}", &values()).unwrap(), "seat 12");
    assert!(header("{{ user.name }}", &values()).is_err());
}
