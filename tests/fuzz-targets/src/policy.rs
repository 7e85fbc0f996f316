//! Policy files.

use std::path::Path;

use nativize::policy::Policy;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(policy) = nativize::untrusted::policy(text) {
        let decoded = Policy::decode(&policy.encode());
        assert_eq!(decoded, policy, "a policy survives the executable");
    }
    // An executable's configuration is read from a file too.
    Policy::decode(bytes);
}

pub(crate) fn seeds(_: &Path) -> Vec<Vec<u8>> {
    let text = [
        "dir = [\"data::/data:ro\", \".\"]\nenv = [\"K=V\", \"HOME\"]\ninherit-env = true\n",
        "tcp-listen = [\"127.0.0.1:8080\", \"[::1]:80\"]\nlisten-fds = true\nno-knobs = false\n",
        "stack-size = \"8M\"\nmax-memory = 1000000\nmax-fds = 12\ntimeout = \"5s\"\ncpu-timeout = \"1.5h\"\n",
        "sandbox = \"strict\"\ngrant-cwd-and-env = true\nembed-dir = [\"a::/b\"]\n",
    ];
    text.map(|text| text.as_bytes().to_vec()).to_vec()
}
