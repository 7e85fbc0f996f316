//! Text for standard output and standard error, from a fixed buffer and without `core::fmt`.

use rustix::fd::BorrowedFd;

/// Characters that wait to be written to a descriptor. Whatever cannot be written is dropped: there is nobody left to
/// tell.
pub(crate) struct Text {
    descriptor: BorrowedFd<'static>,
    len: usize,
    buffer: [u8; 512],
}

impl Text {
    /// Text for standard output.
    pub(crate) fn stdout() -> Self {
        Text::new(crate::sys::stdout())
    }

    /// Text for standard error.
    pub(crate) fn stderr() -> Self {
        Text::new(crate::sys::stderr())
    }

    fn new(descriptor: BorrowedFd<'static>) -> Self {
        Text {
            descriptor,
            len: 0,
            buffer: [0; 512],
        }
    }

    /// Adds one byte.
    pub(crate) fn byte(&mut self, byte: u8) -> &mut Self {
        if self.len == self.buffer.len() {
            self.flush();
        }
        if let Some(place) = self.buffer.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
        self
    }

    /// Adds a string as it is.
    pub(crate) fn str(&mut self, string: &str) -> &mut Self {
        for &byte in string.as_bytes() {
            self.byte(byte);
        }
        self
    }

    /// Adds bytes of unknown origin, supposedly UTF-8: what a terminal would obey is shown as `\xNN`, and what is
    /// longer than any sensible name is cut.
    pub(crate) fn untrusted(&mut self, bytes: &[u8]) -> &mut Self {
        const LIMIT: usize = 400;
        let mut escaped = 0;
        for (index, &byte) in bytes.iter().take(LIMIT).enumerate() {
            let length = match bytes.get(index..).unwrap_or_default() {
                [0..0x20 | 0x7f, ..] => 1,
                // U+0080 to U+009F: control characters.
                [0xc2, 0x80..0xa0, ..] => 2,
                // U+202A to U+202E, U+2066 to U+2069: what reorders a line.
                [0xe2, 0x80, 0xaa..=0xae, ..] | [0xe2, 0x81, 0xa6..=0xa9, ..] => 3,
                _ => 0,
            };
            escaped = escaped.max(index + length);
            if index < escaped {
                self.str("\\x");
                self.byte(hex_digit(byte >> 4)).byte(hex_digit(byte & 15));
            } else {
                self.byte(byte);
            }
        }
        if bytes.len() > LIMIT {
            self.str("...");
        }
        self
    }

    /// Adds a number in decimal.
    pub(crate) fn decimal(&mut self, mut value: u64) -> &mut Self {
        let mut digits = [0; 20];
        let mut count = 0;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
            count += 1;
            if value == 0 {
                break;
            }
        }
        for &digit in digits.iter().skip(digits.len() - count) {
            self.byte(digit);
        }
        self
    }

    /// Adds a number of 128 bits in decimal. (Division of such a number is a call into a
    /// library that is not linked.)
    pub(crate) fn wide_decimal(&mut self, low: u64, high: u64) -> &mut Self {
        let mut limbs = [high >> 32, high & 0xffff_ffff, low >> 32, low & 0xffff_ffff];
        let mut digits = [b'0'; 39];
        let mut first = digits.len() - 1;
        for (place, digit) in digits.iter_mut().enumerate().rev() {
            let mut rest = 0;
            for limb in &mut limbs {
                let value = rest << 32 | *limb;
                *limb = value / 10;
                rest = value % 10;
            }
            *digit += rest as u8;
            if rest != 0 {
                first = place;
            }
        }
        for &digit in digits.iter().skip(first) {
            self.byte(digit);
        }
        self
    }

    /// Adds a number in decimal with its sign.
    pub(crate) fn signed(&mut self, value: i64) -> &mut Self {
        if value < 0 {
            self.byte(b'-');
        }
        self.decimal(value.unsigned_abs())
    }

    /// Adds a number in hexadecimal, with `0x` before it.
    pub(crate) fn hex(&mut self, value: u64) -> &mut Self {
        self.str("0x");
        let digits = (64 - (value | 1).leading_zeros()).div_ceil(4);
        for digit in (0..digits).rev() {
            self.byte(hex_digit((value >> (4 * digit)) as u8 & 15));
        }
        self
    }

    /// Writes what waits. Of several threads, the one that ends the process does.
    pub(crate) fn flush(&mut self) {
        if let Some(hooks) = crate::thread::hooks() {
            (hooks.claim_report)();
        }
        let mut rest = self.buffer.get(..self.len).unwrap_or(&[]);
        while !rest.is_empty() {
            match rustix::io::write(self.descriptor, rest) {
                Ok(written) => rest = rest.get(written..).unwrap_or(&[]),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => break,
            }
        }
        self.len = 0;
    }
}

/// For floats, whose shortest decimal form is `core`'s work.
impl core::fmt::Write for Text {
    fn write_str(&mut self, string: &str) -> core::fmt::Result {
        self.str(string);
        Ok(())
    }
}

fn hex_digit(value: u8) -> u8 {
    if value < 10 {
        b'0' + value
    } else {
        b'a' + value - 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(write: impl FnOnce(&mut Text)) -> String {
        let mut text = Text::stderr();
        write(&mut text);
        String::from_utf8(text.buffer[..text.len].to_vec()).unwrap()
    }

    #[test]
    fn numbers() {
        for value in [0, 9, 10, 1234567890, u64::MAX] {
            assert_eq!(
                shown(|text| {
                    text.decimal(value);
                }),
                value.to_string()
            );
            assert_eq!(
                shown(|text| {
                    text.hex(value);
                }),
                format!("{value:#x}")
            );
        }
        assert_eq!(
            shown(|text| {
                text.signed(i64::MIN).byte(b' ').signed(7);
            }),
            "-9223372036854775808 7"
        );
    }

    #[test]
    fn wide_numbers() {
        for value in [0, 7, 10, 1 << 64, 10u128.pow(38), u128::MAX] {
            assert_eq!(
                shown(|text| {
                    text.wide_decimal(value as u64, (value >> 64) as u64);
                }),
                value.to_string()
            );
        }
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(
            shown(|text| {
                text.untrusted("a\x1b[31m\n\u{9b}é\x7f\u{202e}\u{2029}\u{2066}".as_bytes());
            }),
            "a\\x1b[31m\\x0a\\xc2\\x9bé\\x7f\\xe2\\x80\\xae\u{2029}\\xe2\\x81\\xa6"
        );
    }

    #[test]
    fn long_names_are_cut() {
        let text = shown(|text| {
            text.untrusted(&[b'x'; 1000]);
        });
        assert_eq!(text.len(), 403);
    }
}
