//! From the text of a filter to its tree.

use crate::scim_filter::{Filter, FilterError, Literal, Operator, Test};

/// Parentheses and brackets go no deeper.
const DEEPEST: usize = 64;

/// Reads a filter: `userName sw "z" and not (title pr)`. `and` binds tighter than `or`;
/// operators are in any case.
pub fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let filter = reader.any("")?;
    reader.blanks();
    if reader.at == text.len() {
        return Ok(filter);
    }
    let help = if reader.rest().starts_with(')') {
        "there is no `(` for it"
    } else {
        "join two questions with `and` or `or`"
    };
    Err(reader.unexpected(reader.at, "the end").help(help))
}

/// Reads from a place on.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Questions with `or` between them. `outer` is the attribute around them, with a point.
    fn any(&mut self, outer: &str) -> Result<Filter, FilterError> {
        let mut parts = vec![self.all(outer)?];
        while self.take_word("or") {
            parts.push(self.all(outer)?);
        }
        Ok(joined(parts, Filter::Or))
    }

    fn all(&mut self, outer: &str) -> Result<Filter, FilterError> {
        let mut parts = vec![self.one(outer)?];
        while self.take_word("and") {
            parts.push(self.one(outer)?);
        }
        Ok(joined(parts, Filter::And))
    }

    fn one(&mut self, outer: &str) -> Result<Filter, FilterError> {
        self.blanks();
        if self.rest().starts_with('(') {
            return self.within('(', ')', outer);
        }
        let start = self.at;
        if self.take_word("not") {
            self.blanks();
            if !self.rest().starts_with('(') {
                return Err(self
                    .unexpected(self.at, "`(`")
                    .help("what is denied stands in parentheses: `not (title pr)`"));
            }
            return Ok(Filter::Not(Box::new(self.within('(', ')', outer)?)));
        }
        let attribute = self.attribute(start, outer)?;
        if self.rest().starts_with('[') {
            return self.within('[', ']', &format!("{attribute}."));
        }
        self.test(attribute, start)
    }

    /// What stands between two signs.
    fn within(
        &mut self,
        open: char,
        close: char,
        outer: &str,
    ) -> Result<Filter, FilterError> {
        let start = self.at;
        if self.depth == DEEPEST {
            let deep = format!("a filter goes no deeper than {DEEPEST} parentheses");
            return Err(FilterError::new(start, deep));
        }
        self.depth += 1;
        self.at += open.len_utf8();
        let inner = self.any(outer)?;
        self.depth -= 1;
        self.blanks();
        if !self.rest().starts_with(close) {
            let what = format!("`{close}`");
            let help = format!("column {} opens it", start + 1);
            return Err(self.unexpected(self.at, &what).help(help));
        }
        self.at += close.len_utf8();
        Ok(inner)
    }

    /// An attribute, without its schema: the name behind the last colon.
    fn attribute(&mut self, start: usize, outer: &str) -> Result<String, FilterError> {
        let path = self.word();
        let name = path.rsplit(':').next().unwrap_or(path);
        let sound = name.starts_with(|letter: char| {
            letter.is_alphabetic() || letter == '_' || letter == '$'
        });
        if !sound {
            self.at = start;
            return Err(self
                .unexpected(start, "an attribute")
                .help("write `userName eq \"zoe\"`, or `title pr`"));
        }
        Ok(format!("{outer}{name}"))
    }

    fn test(&mut self, attribute: String, at: usize) -> Result<Filter, FilterError> {
        self.blanks();
        let value_at = self.at;
        let word = self.word().to_lowercase();
        let Some(operator) = Operator::ALL.into_iter().find(|it| it.name() == word)
        else {
            self.at = value_at;
            let names: Vec<_> = Operator::ALL.map(Operator::name).to_vec();
            return Err(self
                .unexpected(value_at, &format!("an operator behind `{attribute}`"))
                .help(format!("the operators are {}", names.join(", "))));
        };
        if operator == Operator::Present {
            let test = Test { attribute, operator, value: None, at, value_at };
            return Ok(Filter::Test(test));
        }
        self.blanks();
        let value_at = self.at;
        let value = Some(self.literal(operator)?);
        Ok(Filter::Test(Test { attribute, operator, value, at, value_at }))
    }

    fn literal(&mut self, operator: Operator) -> Result<Literal, FilterError> {
        let start = self.at;
        if self.rest().starts_with('"') {
            return self.text_literal();
        }
        let word = self.word();
        if let Ok(number) = word.parse::<f64>()
            && number.is_finite()
        {
            return Ok(Literal::Number(word.to_owned()));
        }
        match word {
            "true" => Ok(Literal::Bool(true)),
            "false" => Ok(Literal::Bool(false)),
            "null" => Ok(Literal::Null),
            word => {
                self.at = start;
                let what = format!("a value behind `{}`", operator.name());
                let help = match word {
                    "" => "text stands in quotes: `\"zoe\"`".to_owned(),
                    word => format!("text stands in quotes: `\"{word}\"`"),
                };
                Err(self.unexpected(start, &what).help(help))
            }
        }
    }

    /// A text of JSON.
    fn text_literal(&mut self) -> Result<Literal, FilterError> {
        let start = self.at;
        let mut escaped = false;
        let end = self.rest().char_indices().skip(1).find(|(_, letter)| {
            let end = *letter == '"' && !escaped;
            escaped = *letter == '\\' && !escaped;
            end
        });
        let Some((length, _)) = end else {
            return Err(FilterError::new(start, "the text is not closed")
                .help("close it with `\"`"));
        };
        self.at += length + 1;
        let json = self.text.get(start..self.at).unwrap_or_default();
        match serde_json::from_str(json) {
            Ok(text) => Ok(Literal::Text(text)),
            Err(_) => Err(FilterError::new(start, format!("{json} is no text of JSON"))
                .help("write `\\\\` for a backslash")),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// The letters up to the next blank, sign or text.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = |letter: char| letter.is_whitespace() || "()[]\"".contains(letter);
        let word = rest.get(..rest.find(end).unwrap_or(rest.len())).unwrap_or_default();
        self.at += word.len();
        word
    }

    /// Takes a word where it is the next one, in any case.
    fn take_word(&mut self, wanted: &str) -> bool {
        let before = self.at;
        self.blanks();
        if self.word().eq_ignore_ascii_case(wanted) {
            return true;
        }
        self.at = before;
        false
    }

    fn unexpected(&self, at: usize, expected: &str) -> FilterError {
        let rest = self.text.get(at..).unwrap_or_default();
        let found = match rest.split_whitespace().next() {
            Some(found) => format!("`{found}`"),
            None => "the end".to_owned(),
        };
        FilterError::new(at, format!("{expected} is expected, and {found} was found"))
    }
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}
