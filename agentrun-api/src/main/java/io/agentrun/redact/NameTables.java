package io.agentrun.redact;

import java.util.Map;
import java.util.Set;

/** The words of names, all in lower case, that {@link SecretNames} decides by. Immutable. */
final class NameTables {

    /** What a name says about the value that it names. */
    enum NameKind {
        /** Nothing. */
        NONE,
        /** The value is a secret, whatever it looks like: {@code password}, {@code api_key}, {@code DB_PASS}. */
        SECRET,
        /** The value is a header's credential: {@code Authorization}, {@code Cookie}. */
        HEADER,
        /** The value is a secret unless it is a plain word or number: {@code pass}, {@code auth}. */
        WEAK,
        /** The value is a secret if it looks random: {@code signature}, {@code ACME_KEY}. */
        RANDOM,
        /** The value is a secret if it is long and mixes both cases with digits: {@code serviceBusKey}. */
        MIXED,
        /** The value is a secret if it is a short number or looks random: {@code pin}, {@code otp}. */
        DIGITS,
        /** The value is a secret if it connects to something: {@code dsn}, {@code connection string}. */
        CONNECTION;

        /** Returns whether every value but a placeholder is a secret. */
        boolean isCertain() {
            return this == SECRET || this == HEADER;
        }
    }

    /** Words that make a name secret when they are its last. */
    static final Map<String, NameKind> LAST = Map.ofEntries(
            Map.entry("password", NameKind.SECRET),
            Map.entry("passwords", NameKind.SECRET),
            Map.entry("passwd", NameKind.SECRET),
            Map.entry("passwort", NameKind.SECRET),
            Map.entry("kennwort", NameKind.WEAK),
            Map.entry("passe", NameKind.WEAK),
            Map.entry("mdp", NameKind.WEAK),
            Map.entry("senha", NameKind.WEAK),
            Map.entry("wachtwoord", NameKind.WEAK),
            Map.entry("secretid", NameKind.RANDOM),
            Map.entry("secretstring", NameKind.RANDOM),
            Map.entry("passphrase", NameKind.SECRET),
            Map.entry("passcode", NameKind.SECRET),
            Map.entry("storepass", NameKind.SECRET),
            Map.entry("keypass", NameKind.SECRET),
            Map.entry("requirepass", NameKind.SECRET),
            Map.entry("masterauth", NameKind.SECRET),
            Map.entry("phpsessid", NameKind.RANDOM),
            Map.entry("jsessionid", NameKind.RANDOM),
            Map.entry("pwd", NameKind.SECRET),
            Map.entry("pswd", NameKind.SECRET),
            Map.entry("psw", NameKind.SECRET),
            Map.entry("secret", NameKind.SECRET),
            Map.entry("secrets", NameKind.SECRET),
            Map.entry("credential", NameKind.SECRET),
            Map.entry("credentials", NameKind.SECRET),
            Map.entry("creds", NameKind.SECRET),
            Map.entry("cred", NameKind.SECRET),
            Map.entry("token", NameKind.SECRET),
            Map.entry("bearer", NameKind.SECRET),
            Map.entry("jwt", NameKind.SECRET),
            Map.entry("psk", NameKind.SECRET),
            Map.entry("mnemonic", NameKind.SECRET),
            Map.entry("authorization", NameKind.HEADER),
            Map.entry("cookie", NameKind.HEADER),
            Map.entry("cookies", NameKind.HEADER),
            Map.entry("pass", NameKind.WEAK),
            Map.entry("pw", NameKind.WEAK),
            Map.entry("auth", NameKind.WEAK),
            Map.entry("pat", NameKind.RANDOM),
            Map.entry("sas", NameKind.RANDOM),
            Map.entry("sig", NameKind.RANDOM),
            Map.entry("signature", NameKind.RANDOM),
            Map.entry("routingkey", NameKind.RANDOM),
            Map.entry("otp", NameKind.DIGITS),
            Map.entry("totp", NameKind.DIGITS),
            Map.entry("pin", NameKind.DIGITS),
            Map.entry("dsn", NameKind.CONNECTION),
            Map.entry("connectionstring", NameKind.CONNECTION),
            Map.entry("connectionstrings", NameKind.CONNECTION),
            Map.entry("connstring", NameKind.CONNECTION),
            Map.entry("connstr", NameKind.CONNECTION));

    /** Names of a password in scripts other than ASCII: a name that ends so is one. */
    static final String[] FOREIGN = {
        "contraseña", "hasło", "пароль", "密码", "密碼", "口令", "パスワード", "비밀번호", "lösenord", "şifre", "jelszó"
    };

    /** What a member named after a secret says of the right to it, as in the permissions of a workflow. */
    static final Set<String> RIGHTS = words("read write none read-write inherit");

    /** Words that end in a secret word without a separator, in the order that they are tried. */
    static final String[] GLUED = {
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "secret",
        "credentials",
        "apikey",
        "apikeys",
        "secretkey",
        "accesskey",
        "privatekey",
        "authkey",
        "encryptionkey",
        "signingkey",
        "sshkey",
        "masterkey",
        "accountkey",
        "sharedkey",
        "sessionkey",
        "licensekey",
        "deploykey",
        "cookie"
    };

    /** What precedes "token" in one word, as in "authtoken". */
    static final Set<String> BEFORE_TOKEN = words("""
            access auth api refresh bearer session id csrf xsrf bot github gitlab slack user device push app
            deploy service admin registry npm pypi vault oauth personal login security secret client jwt my
            the db web private
            """);

    /** What precedes "tokens" when they are secrets; elsewhere they are what a model counts. */
    static final Set<String> BEFORE_TOKENS = words("""
            access auth api refresh bearer session secret personal device registry
            """);

    /** What precedes "token" when it is a mark in a text, a cursor, or a word of a vocabulary. */
    static final Set<String> HARMLESS_TOKEN = words("""
            eos bos pad unk sep cls mask next page nextpage pagination paging continuation continue sync
            cancellation cancel stop start special prompt first last max min total per each single current
            previous prev image audio video text input output completion cached reasoning thinking delta
            word sub subword lexer parser syntax keyword string number identifier operator punctuation
            newline eof end begin resume marker cursor skip watch delimiter separator think tool assistant
            bracket comment design color theme css style unexpected invalid expected illegal missing bad
            unknown forward backward lookup fim prefix suffix middle decoder encoder forced suppress starting
            generated sampled top new target source speech patch cost peek close open literal type key
            """);

    /** What precedes "key" when it is a secret one. */
    static final Set<String> BEFORE_KEY = words("""
            api access secret private encryption signing ssh master auth account storage shared session
            license licence deploy service hmac aes rsa crypto cipher webhook subscription client tls ssl
            pgp gpg stripe openai anthropic gemini azure maps app application admin root ingest ingestion
            integration sendgrid mailgun twilio datadog algolia instrumentation jwt cookie decryption
            recovery wallet apikey functions function mistral groq deepseek openrouter cohere rails oauth
            bot registration host wireguard preshared derived data unseal pragma
            pagerduty opsgenie bus eventhub cosmos honeycomb bugsnag rollbar relic postmark mandrill mailjet
            """);

    /** What precedes "code", "codes" or "phrase" when they let somebody in. */
    static final Set<String> BEFORE_CODE = words("""
            authorization auth recovery backup verification otp mfa 2fa totp security pin access unlock
            scratch
            """);

    static final Set<String> BEFORE_PHRASE = words("""
            pass seed recovery secret mnemonic backup
            """);

    /** What precedes "pass" in one word, as in "dbpass". */
    static final Set<String> BEFORE_PASS = words("""
            db user admin my root smtp ftp mail require store key trust login pg mysql redis http proxy ssh
            sudo wifi bind ldap auth keystore truststore database vpn web app the master
            """);

    /** What precedes "pass" when nothing is secret. */
    static final Set<String> HARMLESS_PASS = words("""
            first second third one two multi render forward backward by low high band all each single final
            next test tests season boarding bypass did compiler optimization to must should will can shadow
            depth sub pre post
            """);

    /** Words at the end that say which form or which copy of the secret it is; they are passed over. */
    static final Set<String> FORM = words("""
            value values hash raw plain plaintext text b64 base64 encoded encrypted enc decoded old new
            current previous prev backup bak env prod production dev development staging stage test live
            local main primary secondary default json pem hex bytes confirm confirmation confirmed again
            repeat header data str var global tmp temp digest ci base uat qa sandbox v1 v2 override
            """);

    /** Words at the end that make the value the name of a variable, if it looks like one. */
    static final Set<String> VARIABLE = words("env envvar var variable name");

    /** Words at the beginning that ask or tell something about a secret; then the name is of a flag or a function. */
    static final Set<String> ABOUT = words("""
            is has have had use uses used using needs need require requires required show hide forgot
            forgotten change changed enable enabled disable disabled min max num count allow skip validate
            valid check checks generate revoke rotate parse no without missing invalid wrong incorrect get
            create find expired empty unset null should can with duplicate list existing bad weak malformed
            unsupported mismatched
            """);

    /** Words beside those of {@link #LAST} that speak of a secret, in a sentence and in a command. */
    static final Set<String> SPOKEN = words("""
            kennwort passe senha wachtwoord contraseña genkey genpsk pwgen mkpasswd userpwd lösenord hasło
            """);

    /** Words after a secret one that make another thing of both: {@code token_type}, {@code password hash}. */
    static final Set<String> NO_SECRET_AFTER = words("""
            id ids type hash digest count counts limit policy bucket fingerprint index ttl expiry endpoint
            embedding embeddings usage length url uri name names ref arn header
            """);

    /** Names of what looks random and is no secret; also the names that end in one of them. */
    static final Set<String> PUBLIC = words("""
            id ids uid uuid guid kid hash hashes digest checksum sha sha1 sha256 sha384 sha512 md5 etag commit rev
            revision ref integrity fingerprint thumbprint nonce iv salt public pub pubkey cert certificate cursor trace
            span request session version tag image model build key_id x y n e arn page next rsa ed25519 ecdsa
            dss sum identifier
            """);

    /** What precedes "key" when nobody is let in by it. */
    static final Set<String> BEFORE_PUBLIC_KEY = words("""
            public pub cache host partition sort primary foreign routing idempotency object dedup sstate restored from
            did
            """);

    /** Names that say nothing of their value: the words around them do. */
    static final Set<String> NEUTRAL = words("""
            value values result default content data output plain text raw string is was est es ist lautet
            plaintext printed new now it argument arg
            """);

    /** Verbs of what a program does with a key that it was given. */
    static final Set<String> STORING = words("""
            appending adding saving storing writing appended added saved stored wrote paste pasted
            """);

    /** What the name of a cookie holds that keeps what a user likes. */
    static final Set<String> PREFERENCES = words("""
            consent lang locale theme timezone currency country region color-scheme colorscheme darkmode banner
            """);

    /** What a server says of a cookie beside its value. */
    static final Set<String> COOKIE_ATTRIBUTES = words("""
            path max-age expires domain samesite secure httponly priority partitioned version comment
            """);

    /** Words that are types or placeholders: a value that is one of them is not the secret itself. */
    static final Set<String> PLAIN_VALUES = words("""
            null none nil undefined true false yes no on off ok string str text number int integer boolean
            bool any unknown object array bytes buffer char varchar optional required missing empty expired
            invalid valid incorrect wrong changed updated enabled disabled failed failure success passed
            pass fail error redacted hidden masked secretstr secretstring charsequence self this default
            void never const let var final new not is was has for and or the your a an in to of from set
            unset given found present absent n/a tbd todo example placeholder x xxx foo bar basic bearer
            digest oauth oauth2 password token secret key apikey api_key username user name value skipped
            external inherit uuid date datetime file stdin prompt keyring keychain env environment vault
            options option flag flags argument arguments parameter read write
            generated include omit same-origin unchanged rejected accepted refused denied revoked
            """);

    private NameTables() {}

    private static Set<String> words(String text) {
        return Set.of(text.trim().split("\\s+"));
    }
}
