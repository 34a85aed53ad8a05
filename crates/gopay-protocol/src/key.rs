//! The three keys: the client secret, which both sides have, and the RSA pair of each side.

use crate::{Secret, pem};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::{KeySize, PublicEncryptingKey},
    signature::{
        KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256,
        RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";

/// An algorithm with RSA other than SHA256withRSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherAlgorithm {
    /// The default of PHP's `openssl_sign`.
    Sha1WithRsa,
    /// With the hash of transactions.
    Sha512WithRsa,
    /// RSASSA-PSS with SHA-256 and a salt of 32 bytes.
    RsaPss,
}

/// Why a key cannot be used. Says nothing about the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not `-----BEGIN PRIVATE KEY-----` with an RSA key in it.
    #[error(
        "not an RSA private key of at least 2048 bits in PKCS#8 PEM (-----BEGIN PRIVATE KEY-----)"
    )]
    Private,
    /// Not `-----BEGIN PUBLIC KEY-----` with an RSA key in it.
    #[error("not an RSA public key of at least 2048 bits in PEM (-----BEGIN PUBLIC KEY-----)")]
    Public,
    /// `-----BEGIN RSA PRIVATE KEY-----`
    #[error(
        "a private key in the older form PKCS#1; `openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW` writes the same key as PKCS#8"
    )]
    Pkcs1Private,
    /// `-----BEGIN RSA PUBLIC KEY-----`
    #[error(
        "a public key in the older form PKCS#1; `openssl rsa -RSAPublicKey_in -pubout -in OLD -out NEW` writes the same key in the form that is asked for"
    )]
    Pkcs1Public,
    /// It cannot be read without a passphrase.
    #[error(
        "a private key behind a passphrase, which cannot be asked for here; `openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW` writes it without one"
    )]
    Encrypted,
    /// `-----BEGIN EC PRIVATE KEY-----`, or another kind of key in the right form.
    #[error(
        "a key of another kind than RSA, which is what GoPay signs and verifies with; `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out NEW` makes one"
    )]
    NotRsa,
    /// `-----BEGIN OPENSSH PRIVATE KEY-----`
    #[error(
        "a private key of OpenSSH's; `ssh-keygen -p -m PKCS8 -N '' -f COPY` turns a copy of it into PKCS#8"
    )]
    OpenSshPrivate,
    /// `ssh-rsa AAAA...`
    #[error("a public key of OpenSSH's; `ssh-keygen -e -m PKCS8 -f OLD > NEW` turns it into PEM")]
    OpenSshPublic,
    /// `-----BEGIN CERTIFICATE-----`
    #[error("a certificate; `openssl x509 -pubkey -noout -in OLD > NEW` takes the public key out")]
    Certificate,
    /// Bytes, not text.
    #[error(
        "a key in DER; `openssl pkey -inform DER -in OLD -out NEW` writes a private one as PEM, with -pubin -pubout a public one"
    )]
    Der,
    /// The halves are mixed up.
    #[error(
        "a public key, where the private one belongs: the other file, which only the merchant has"
    )]
    PublicForPrivate,
    /// The halves are mixed up.
    #[error(
        "a private key, where a public one belongs; `openssl pkey -pubout -in PRIVATE -out PUBLIC` takes its public half out, should that be what is meant"
    )]
    PrivateForPublic,
    /// The system gave no randomness, or the key no signature.
    #[error("the cryptographic library failed")]
    Library,
}

/// The object identifiers of other kinds of keys in DER: id-ecPublicKey, and the prefix that
/// Ed25519 and its kin share.
const NOT_RSA: [&[u8]; 2] = [
    &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
    &[0x06, 0x03, 0x2b, 0x65],
];

/// The key's bytes, where the text holds a block of the wanted kind.
fn der(wanted: &str, text: &str, otherwise: KeyError) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if text.trim_start().starts_with("ssh-") {
        return Err(KeyError::OpenSshPublic);
    }
    let block = pem::read(wanted, text).ok_or(otherwise)?;
    if block.is_encrypted {
        return Err(KeyError::Encrypted);
    }
    Err(match block.label.as_deref() {
        None => return Ok(block.der),
        Some(label) if label == wanted => return Ok(block.der),
        Some("RSA PRIVATE KEY") if wanted == PRIVATE => KeyError::Pkcs1Private,
        Some("EC PRIVATE KEY" | "DSA PRIVATE KEY") => KeyError::NotRsa,
        Some("OPENSSH PRIVATE KEY") => KeyError::OpenSshPrivate,
        Some(PRIVATE | "RSA PRIVATE KEY") => KeyError::PrivateForPublic,
        Some("RSA PUBLIC KEY") if wanted == PUBLIC => KeyError::Pkcs1Public,
        Some(PUBLIC | "RSA PUBLIC KEY") => KeyError::PublicForPrivate,
        Some("CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE") => KeyError::Certificate,
        Some(_) => otherwise,
    })
}

/// Text, unless it is a key in DER.
fn text(bytes: &[u8], otherwise: KeyError) -> Result<&str, KeyError> {
    // Every key in DER begins with a sequence of more than 127 bytes.
    let is_der = bytes.starts_with(&[0x30, 0x81]) || bytes.starts_with(&[0x30, 0x82]);
    std::str::from_utf8(bytes).map_err(|_| if is_der { KeyError::Der } else { otherwise })
}

fn is_rsa_public(der: &[u8]) -> bool {
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).is_ok()
}

fn contains(der: &[u8], name: &[u8]) -> bool {
    der.windows(name.len()).any(|part| part == name)
}

/// The private half of an RSA pair: signs token requests (merchant) or notifications (GoPay)
/// with SHA256withRSA, PKCS#1 v1.5 `[signature-generation]`.
pub struct SigningKey(RsaKeyPair);

impl SigningKey {
    /// Reads a PKCS#8 PEM, or the base64 of one or of its DER.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what the text holds instead.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let der = der(PRIVATE, text, KeyError::Private)?;
        RsaKeyPair::from_pkcs8(&der).map(Self).map_err(|_| {
            if RsaKeyPair::from_der(&der).is_ok() {
                KeyError::Pkcs1Private
            } else if is_rsa_public(&der) {
                KeyError::PublicForPrivate
            } else if NOT_RSA.iter().any(|name| contains(&der, name)) {
                KeyError::NotRsa
            } else {
                KeyError::Private
            }
        })
    }

    /// As [`from_pem`](Self::from_pem), of a file's bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what the file holds instead.
    pub fn from_file(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_pem(text(bytes, KeyError::Private)?)
    }

    /// Makes a new pair of 2048 bits.
    ///
    /// # Errors
    ///
    /// [`KeyError::Library`] where the system gives no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        RsaKeyPair::generate(KeySize::Rsa2048)
            .map(Self)
            .map_err(|_| KeyError::Library)
    }

    /// The pair as PKCS#8 PEM, for a file that only its owner can read.
    ///
    /// # Errors
    ///
    /// [`KeyError::Library`].
    pub fn to_pem(&self) -> Result<Secret, KeyError> {
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&self.0).map_err(|_| KeyError::Library)?;
        Ok(Secret::new(pem::encode(PRIVATE, der.as_ref())))
    }

    /// The public half as PEM, for GoPay's dashboard.
    ///
    /// # Errors
    ///
    /// [`KeyError::Library`].
    pub fn public_pem(&self) -> Result<String, KeyError> {
        Ok(pem::encode(PUBLIC, &self.public_key()?.0))
    }

    /// The public half.
    ///
    /// # Errors
    ///
    /// [`KeyError::Library`].
    pub fn public_key(&self) -> Result<VerifyingKey, KeyError> {
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(self.0.public_key())
            .map_err(|_| KeyError::Library)?;
        Ok(VerifyingKey(der.as_ref().to_vec()))
    }

    /// The signature in base64.
    ///
    /// # Errors
    ///
    /// [`KeyError::Library`].
    pub fn sign(&self, string_to_sign: &str) -> Result<String, KeyError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                string_to_sign.as_bytes(),
                &mut signature,
            )
            .map_err(|_| KeyError::Library)?;
        Ok(STANDARD.encode(signature))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

/// The public half of the other side's RSA pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey(Vec<u8>);

impl VerifyingKey {
    /// Reads an X.509 SubjectPublicKeyInfo PEM, or the base64 of one or of its DER.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what the text holds instead.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let der = der(PUBLIC, text, KeyError::Public)?;
        if is_rsa_public(&der) {
            return Ok(Self(der.to_vec()));
        }
        let is_private = RsaKeyPair::from_pkcs8(&der).is_ok() || RsaKeyPair::from_der(&der).is_ok();
        Err(if is_private {
            KeyError::PrivateForPublic
        } else if NOT_RSA.iter().any(|name| contains(&der, name)) {
            KeyError::NotRsa
        } else {
            KeyError::Public
        })
    }

    /// As [`from_pem`](Self::from_pem), of a file's bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says what the file holds instead.
    pub fn from_file(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_pem(text(bytes, KeyError::Public)?)
    }

    /// Whether `signature` (base64) is this key's over `string_to_sign`.
    pub fn verify(&self, string_to_sign: &str, signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .is_ok_and(|signature| self.verify_bytes(string_to_sign, &signature))
    }

    /// Whether a signature (base64) has the length of this key's. An RSA signature is as long as the key's
    /// modulus, so that another one is refused before what it signs has been read.
    ///
    /// ```
    /// use gopay_protocol::{SigningKey, VerifyingKey};
    ///
    /// let key = SigningKey::generate()?;
    /// let public = VerifyingKey::from_pem(&key.public_pem()?)?;
    /// assert!(public.has_length_of(&key.sign("text")?));
    /// assert!(!public.has_length_of("Zm9yZ2Vk"));
    /// # Ok::<(), gopay_protocol::KeyError>(())
    /// ```
    pub fn has_length_of(&self, signature: &str) -> bool {
        // The type of the library's that tells the length of a modulus.
        let modulus = PublicEncryptingKey::from_der(&self.0).map(|key| key.key_size_bytes());
        let signature = STANDARD.decode(signature).map(|signature| signature.len());
        modulus.is_ok_and(|modulus| signature.is_ok_and(|signature| signature == modulus))
    }

    /// The algorithm by which this key's private half made `signature` (decoded) over `string_to_sign`, where
    /// it is one that is often taken for SHA256withRSA. GoPay accepts none of them.
    pub fn other_algorithm_of(
        &self,
        string_to_sign: &str,
        signature: &[u8],
    ) -> Option<OtherAlgorithm> {
        let algorithms: [(OtherAlgorithm, &'static dyn VerificationAlgorithm); 3] = [
            (
                OtherAlgorithm::Sha1WithRsa,
                &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            ),
            (OtherAlgorithm::Sha512WithRsa, &RSA_PKCS1_2048_8192_SHA512),
            (OtherAlgorithm::RsaPss, &RSA_PSS_2048_8192_SHA256),
        ];
        let made = algorithms.into_iter().find(|(_, algorithm)| {
            let key = UnparsedPublicKey::new(*algorithm, &self.0);
            key.verify(string_to_sign.as_bytes(), signature).is_ok()
        });
        made.map(|(algorithm, _)| algorithm)
    }

    /// As [`verify`](Self::verify), of a decoded signature.
    pub(crate) fn verify_bytes(&self, string_to_sign: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0)
            .verify(string_to_sign.as_bytes(), signature)
            .is_ok()
    }
}

/// The secret that signs transactions with HMAC-SHA512 `[signature-generation]`.
#[derive(Clone)]
pub struct ClientSecret(hmac::Key);

impl ClientSecret {
    /// The secret's UTF-8 bytes are the key.
    pub fn new(secret: &Secret) -> Self {
        Self(hmac::Key::new(
            hmac::HMAC_SHA512,
            secret.expose().as_bytes(),
        ))
    }

    /// The signature in base64.
    pub fn sign(&self, string_to_sign: &str) -> String {
        STANDARD.encode(hmac::sign(&self.0, string_to_sign.as_bytes()))
    }

    /// Whether `signature` (base64) is this secret's over `string_to_sign`, in constant time.
    pub fn verify(&self, string_to_sign: &str, signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| {
            hmac::verify(&self.0, string_to_sign.as_bytes(), &signature).is_ok()
        })
    }
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientSecret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_pair_signs_what_its_public_half_verifies() {
        let pair = SigningKey::generate().unwrap();
        let again = SigningKey::from_pem(pair.to_pem().unwrap().expose()).unwrap();
        let public = VerifyingKey::from_pem(&pair.public_pem().unwrap()).unwrap();
        let signature = again.sign("a|b").unwrap();
        assert!(public.verify("a|b", &signature));
        assert!(!public.verify("a|c", &signature));
        assert!(!public.verify("a|b", "not base64"));
        let other = SigningKey::generate().unwrap().public_pem().unwrap();
        assert!(
            !VerifyingKey::from_pem(&other)
                .unwrap()
                .verify("a|b", &signature)
        );
    }

    #[test]
    fn a_key_from_an_environment_variable_is_read_too() {
        let pem = SigningKey::generate().unwrap().public_pem().unwrap();
        assert!(VerifyingKey::from_pem(&pem.replace('\n', "\\n")).is_ok());
    }

    /// A PEM's own base64, as dashboards show it.
    fn bare(pem: &str) -> String {
        pem.lines().filter(|line| !line.starts_with("--")).collect()
    }

    #[test]
    fn a_key_is_read_in_every_form_that_holds_it_whole() {
        let pair = SigningKey::generate().unwrap();
        let forms: [fn(&str) -> String; 8] = [
            str::to_owned,
            bare,
            |pem| pem.replace('\n', "\r\n"),
            |pem| pem.replace('\n', "\\n"),
            |pem| pem.replace('\n', " "),
            |pem| format!("\u{feff}{pem}"),
            |pem| STANDARD.encode(pem),
            |pem| format!("\"{}\"", pem.trim().replace('\n', "\\r\\n")),
        ];
        for (number, form) in forms.iter().enumerate() {
            let private = SigningKey::from_pem(&form(pair.to_pem().unwrap().expose()));
            let public = VerifyingKey::from_pem(&form(&pair.public_pem().unwrap()));
            let read = private.and_then(|private| private.public_key());
            assert_eq!(read, pair.public_key(), "form {number}");
            assert_eq!(public, pair.public_key(), "form {number}");
        }
        let wrapped = bare(&pair.public_pem().unwrap());
        let (one, other) = wrapped.split_at(70);
        assert!(VerifyingKey::from_pem(&format!("{one}\r\n{other}\n")).is_ok());
        assert!(VerifyingKey::from_pem(wrapped.trim_end_matches('=')).is_ok());
    }

    #[test]
    fn the_halves_of_a_pair_are_not_mixed_up() {
        let pair = SigningKey::generate().unwrap();
        let (private, public) = (pair.to_pem().unwrap(), pair.public_pem().unwrap());
        for form in [str::to_owned, bare] {
            assert_eq!(
                SigningKey::from_pem(&form(&public)).err(),
                Some(KeyError::PublicForPrivate)
            );
            assert_eq!(
                VerifyingKey::from_pem(&form(private.expose())).err(),
                Some(KeyError::PrivateForPublic)
            );
        }
        // A file that holds both is fine for either.
        let both = format!("{}{public}", private.expose());
        assert!(SigningKey::from_pem(&both).is_ok());
        assert!(VerifyingKey::from_pem(&both).is_ok());
    }

    #[test]
    fn a_key_in_another_form_is_told_from_no_key() {
        let pem = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
        for (text, error) in [
            (pem("RSA PRIVATE KEY"), KeyError::Pkcs1Private),
            (pem("EC PRIVATE KEY"), KeyError::NotRsa),
            (pem("ENCRYPTED PRIVATE KEY"), KeyError::Encrypted),
            (pem("OPENSSH PRIVATE KEY"), KeyError::OpenSshPrivate),
            (pem("CERTIFICATE"), KeyError::Certificate),
            (pem("PRIVATE KEY"), KeyError::Private),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES,00\n\nAAAA\n-----END RSA PRIVATE KEY-----".to_owned(),
                KeyError::Encrypted,
            ),
            ("ssh-rsa AAAA me@here".to_owned(), KeyError::OpenSshPublic),
            ("hello".to_owned(), KeyError::Private),
            (String::new(), KeyError::Private),
        ] {
            assert_eq!(SigningKey::from_pem(&text).err(), Some(error), "{text}");
        }
        for (text, error) in [
            (pem("RSA PUBLIC KEY"), KeyError::Pkcs1Public),
            (pem("CERTIFICATE"), KeyError::Certificate),
            (pem("PUBLIC KEY"), KeyError::Public),
            ("hello".to_owned(), KeyError::Public),
        ] {
            assert_eq!(VerifyingKey::from_pem(&text).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn a_file_of_bytes_is_der_or_no_key() {
        let pair = SigningKey::generate().unwrap();
        let private = STANDARD
            .decode(bare(pair.to_pem().unwrap().expose()))
            .unwrap();
        assert_eq!(SigningKey::from_file(&private).err(), Some(KeyError::Der));
        let public = pair.public_key().unwrap().0;
        assert_eq!(VerifyingKey::from_file(&public).err(), Some(KeyError::Der));
        let pem = pair.public_pem().unwrap();
        assert!(VerifyingKey::from_file(pem.as_bytes()).is_ok());
        assert_eq!(
            VerifyingKey::from_file(&[0xff]).err(),
            Some(KeyError::Public)
        );
    }
}
