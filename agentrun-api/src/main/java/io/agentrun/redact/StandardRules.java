package io.agentrun.redact;

import java.util.List;

/**
 * The table of the standard rules: tokens that can be told by their shape alone. The examples are put together when the
 * class is loaded, so that no text of this file looks like a token.
 *
 * <p>Immutable.
 */
final class StandardRules {

    private static final String ALNUM = "0Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9Jj";

    private static final String UUID = "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}";

    private static final String HEX_UUID = hex(8) + "-" + hex(4) + "-" + hex(4) + "-" + hex(4) + "-" + hex(12);

    static final List<SecretRule> ALL = List.of(
            rule(
                    "OpenAI or other sk- key",
                    "\\bsk-[A-Za-z0-9_]{16,}",
                    "sk-" + alnum(20),
                    "sk-learn-contrib-package-name"),
            rule(
                    "sk- key of several words",
                    "\\b(?=.*[0-9])sk-[A-Za-z0-9_-]{16,}",
                    "sk-ant-api03-" + alnum(24),
                    "sk-ant-api-reference-guide"),
            rule("agentrun fence", "\\barfence1_[A-Za-z0-9_-]{30,}", "arfence1_" + alnum(60), "arfence1_wire"),
            rule("Stripe key", "\\b[sr]k_[lt][ie][vs][et][_A-Za-z0-9]{11,}", "sk_live_" + alnum(24), "sk_live_mode"),
            rule("Stripe webhook secret", "whsec_[A-Za-z0-9+/=]{16,}", "whsec_" + alnum(32), "whsec_..."),
            rule("GitHub token", "gh[pousr]_[A-Za-z0-9]{20,}", "ghp_" + alnum(36), "ghp_token"),
            rule("GitHub fine-grained token", "github_pat_[A-Za-z0-9_]{20,}", "github_pat_" + alnum(40), "github_pat_"),
            rule("GitLab personal token", "glpat-[A-Za-z0-9_-]{16,}", "glpat-" + alnum(20), "glpat-short"),
            rule("GitLab runner token", "\\bglrt-[A-Za-z0-9_-]{16,}", "glrt-" + alnum(20), "glrt-short"),
            rule("GitLab deploy token", "\\bgldt-[A-Za-z0-9_-]{16,}", "gldt-" + alnum(20), "gldt-short"),
            rule("GitLab job token", "\\bglcbt-[A-Za-z0-9_-]{16,}", "glcbt-64_" + alnum(20), "glcbt-64"),
            rule("GitLab trigger token", "\\bglptt-[A-Za-z0-9_-]{16,}", "glptt-" + alnum(40), "glptt-short"),
            rule("GitLab feed token", "\\bglft-[A-Za-z0-9_-]{16,}", "glft-" + alnum(20), "glft-short"),
            rule("GitLab mail token", "\\bglimt-[A-Za-z0-9_-]{16,}", "glimt-" + alnum(25), "glimt-short"),
            rule("GitLab agent token", "\\bglagent-[A-Za-z0-9_-]{16,}", "glagent-" + alnum(50), "glagent-config"),
            rule(
                    "GitLab OAuth or SCIM token",
                    "\\bgl[os]o?a[st]-[A-Za-z0-9_-]{16,}",
                    "gloas-" + alnum(40),
                    "gloas-short"),
            rule("Slack token", "xox[A-Za-z0-9][-.][A-Za-z0-9_-]{10,}", "xoxb-" + alnum(24), "xoxb-short"),
            rule("Slack app token", "xapp-[A-Za-z0-9_-]{10,}", "xapp-1-" + alnum(24), "xapp-1"),
            rule(
                    "Slack webhook",
                    "hooks\\.slack\\.com/[a-z]{8,9}/[A-Za-z0-9/_-]{12,}",
                    "hooks.slack.com/services/T0/B0/" + alnum(24),
                    "hooks.slack.com/services/"),
            rule(
                    "Discord webhook",
                    "discorda?p?p?\\.com/api/webhooks/[0-9]{15,20}/[A-Za-z0-9_-]{20,}",
                    "discord.com/api/webhooks/123456789012345678/" + alnum(68),
                    "discord.com/api/webhooks/"),
            rule(
                    "Teams webhook",
                    "webhook\\.office\\.com/webhookb2/[A-Za-z0-9@/-]{30,}",
                    "webhook.office.com/webhookb2/" + hex(36),
                    "webhook.office.com/webhookb2/x"),
            rule(
                    "Telegram bot token",
                    "\\b[0-9][0-9]{7,10}:AA[A-Za-z0-9_-]{30,}",
                    "123456789:AA" + alnum(33),
                    "123456789:AAA"),
            rule(
                    "Telegram bot token in a URL",
                    "/bot[0-9]{8,10}:[A-Za-z0-9_-]{30,}",
                    "/bot123456789:" + alnum(35),
                    "/bot12345678:hello"),
            rule(
                    "Discord bot token",
                    "\\b[MNO][A-Za-z0-9_-]{22,26}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,}",
                    "M" + alnum(23) + ".Abc12_." + alnum(27),
                    "Maven.Abc12_.x"),
            rule("AWS key id", "A[KSB]IA[A-Z0-9]{16,}", "AKIA" + upper(16), "AKIA and ASIA"),
            rule("AWS role or context key", "\\bA[CR][CO]A[A-Z0-9]{16,}", "AROA" + upper(16), "ACCATALOG"),
            rule("AWS Bedrock key", "\\bABSK[A-Za-z0-9+/=]{40,}", "ABSK" + alnum(60), "ABSK"),
            rule("AWS session token", "\\b[FI][wQ]o[GJ][A-Za-z0-9+/=]{40,}", "FwoG" + alnum(60), "FwoG"),
            rule("Alibaba key id", "\\b(?=.*[0-9])LTAI[A-Za-z0-9]{12,}", "LTAI" + alnum(16), "LTAI"),
            rule("Tencent key id", "\\b(?=.*[0-9])AKID[A-Za-z0-9]{13,}", "AKID" + alnum(32), "AKIDSTART"),
            rule("Google API key", "AIza[A-Za-z0-9_-]{30,}", "AIza" + alnum(35), "AIza"),
            rule("Google OAuth token", "\\bya29\\.[A-Za-z0-9_.-]{16,}", "ya29." + alnum(40), "ya29.txt"),
            rule("Google refresh token", "\\b1//0[A-Za-z0-9_-]{30,}", "1//0" + alnum(40), "1//0"),
            rule("Google client secret", "GOCSPX-[A-Za-z0-9_-]{16,}", "GOCSPX-" + alnum(28), "GOCSPX-"),
            rule("Azure client secret", "\\w*Q~[A-Za-z0-9_.~-]{30,}", "ab08Q~" + alnum(34), "Q~x"),
            rule("Azure DevOps token", "\\w*AZDO[A-Za-z0-9]{4,}", alnum(52) + "AZDO" + alnum(4), "AZDO and more"),
            rule("Azure DevOps key", "JQQJ99[A-Za-z0-9]{30,}", "JQQJ99" + alnum(70), "JQQJ99"),
            rule(
                    "npm token",
                    "npm_[A-Za-z0-9]{30,}",
                    "npm_" + alnum(36),
                    "npm_config_registry_and_something_else_here"),
            rule("PyPI token", "pypi-[A-Za-z0-9_-]{30,}", "pypi-" + alnum(60), "pypi-server"),
            rule("RubyGems key", "rubygems_[a-z0-9]{30,}", "rubygems_" + hex(48), "rubygems_version"),
            rule("NuGet key", "\\boy2[a-z0-9]{43}", "oy2" + hex(43), "oy2"),
            rule("Clojars token", "CLOJARS_[a-z0-9]{40,}", "CLOJARS_" + hex(60), "CLOJARS_USERNAME"),
            rule("Docker token", "dckr_[po]a[at][-_A-Za-z0-9]{16,}", "dckr_pat_" + alnum(27), "dckr_pat_"),
            rule("Hugging Face token", "hf_[A-Za-z0-9]{20,}", "hf_" + alnum(34), "hf_hub_download"),
            rule("Hugging Face organisation token", "api_org_[A-Za-z0-9]{30,}", "api_org_" + alnum(34), "api_org_name"),
            rule("xAI key", "\\bxai-[A-Za-z0-9]{20,}", "xai-" + alnum(80), "xai-grok"),
            rule("Groq key", "\\bgsk_[A-Za-z0-9]{20,}", "gsk_" + alnum(52), "gsk_text_view"),
            rule("Perplexity key", "\\bpplx-[A-Za-z0-9]{20,}", "pplx-" + alnum(48), "pplx-online"),
            rule("Replicate token", "\\br8_[A-Za-z0-9]{20,}", "r8_" + alnum(37), "r8_unorm"),
            rule("Cerebras key", "\\bcsk-[A-Za-z0-9]{20,}", "csk-" + alnum(48), "csk-x"),
            rule("NVIDIA key", "\\bnvapi-[A-Za-z0-9_-]{20,}", "nvapi-" + alnum(64), "nvapi-x"),
            rule("Tavily key", "\\btvly-[A-Za-z0-9-]{16,}", "tvly-" + alnum(32), "tvly-x"),
            rule("Fireworks key", "\\bfw_[A-Za-z0-9]{20,}", "fw_" + alnum(24), "fw_version"),
            rule("Jina key", "\\bjina_[A-Za-z0-9_-]{30,}", "jina_" + alnum(60), "jina_embeddings"),
            rule("LangSmith key", "\\bls[v_][2_][_a-z0-9]{16,}", "lsv2_pt_" + hex(32), "ls__x"),
            rule("Pinecone key", "\\bpcsk_[A-Za-z0-9_]{20,}", "pcsk_" + alnum(60), "pcsk_x"),
            rule("PostHog key", "\\bph[xcs]_[A-Za-z0-9]{20,}", "phx_" + alnum(43), "phx_x"),
            rule("HashiCorp Vault token", "\\bhv[sbr]\\.[A-Za-z0-9_-]{20,}", "hvs." + alnum(24), "hvs.txt"),
            rule("HashiCorp Vault token, old", "\\b(?=.*[0-9])s\\.[A-Za-z0-9]{24,}", "s." + alnum(24), "s.charAt"),
            rule(
                    "Terraform token",
                    "\\w*\\.atlasv1\\.[A-Za-z0-9_=-]{20,}",
                    alnum(14) + ".atlasv1." + alnum(60),
                    "x.atlasv1.y"),
            rule("DigitalOcean token", "\\bdo[por]_v1_[a-z0-9]{20,}", "dop_v1_" + hex(64), "dop_v1_x"),
            rule("Databricks token", "\\bdapi[0-9a-f]{30,}", "dapi" + hex(32), "dapified"),
            rule("Artifactory key", "\\b(?=.*[0-9])AKCp[A-Za-z0-9]{10,}", "AKCp" + alnum(69), "AKCp"),
            rule(
                    "SendGrid key",
                    "\\bSG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16,}",
                    "SG." + alnum(22) + "." + alnum(43),
                    "SG.example.com"),
            rule(
                    "Twilio account with token",
                    "\\bAC[0-9a-f]{32}:[0-9a-f]{32}",
                    "AC" + hex(32) + ":" + hex(32),
                    "ACCESS:x"),
            rule("Twilio key", "\\bSK[0-9a-f]{32}", "SK" + hex(32), "SKIP"),
            rule("LaunchDarkly SDK key", "\\bsdk-" + UUID, "sdk-" + HEX_UUID, "sdk-build-tools"),
            rule("LaunchDarkly access token", "\\bapi-" + UUID, "api-" + HEX_UUID, "api-gateway"),
            rule("key of a UUID", "\\bkey-" + UUID, "key-" + HEX_UUID, "key-value"),
            rule("Mailgun key", "\\bkey-[0-9a-f]{32}", "key-" + hex(32), "key-value"),
            rule("Brevo key", "\\bxkeysib-[a-z0-9-]{30,}", "xkeysib-" + hex(64), "xkeysib-x"),
            rule(
                    "Resend key",
                    "\\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{16,}",
                    "re_" + alnum(8) + "_" + alnum(24),
                    "re_compile_x"),
            rule("Shopify token", "\\bshp[a-z]{2}_[A-Za-z0-9]{20,}", "shpat_" + hex(32), "shpat_x"),
            rule("Square token", "\\bsq0[a-z]{3}-[A-Za-z0-9_-]{20,}", "sq0atp-" + alnum(22), "sq0atp-x"),
            rule("Razorpay key", "\\brzp_[lt][ie][vs][et]_[A-Za-z0-9]{10,}", "rzp_live_" + alnum(14), "rzp_live_x"),
            rule("Facebook token", "\\bEAA[A-Za-z0-9]{40,}", "EAACEd" + alnum(100), "EAACH"),
            rule("Linear key", "\\blin_[a-z]{3,5}_[A-Za-z0-9]{20,}", "lin_api_" + alnum(40), "lin_api_key"),
            rule("Notion token", "\\bntn_[A-Za-z0-9]{20,}", "ntn_" + alnum(46), "ntn_x"),
            rule("Notion token, old", "\\b(?=.*[0-9])secret_[A-Za-z0-9]{40,}", "secret_" + alnum(43), "secret_name"),
            rule("Atlassian token", "\\bAT[ACB][TB][TB3]?[A-Za-z0-9_=-]{16,}", "ATATT3" + alnum(60), "ATATT"),
            rule("Sentry token", "\\bsntry[a-z]_[A-Za-z0-9+/=_-]{20,}", "sntrys_" + alnum(60), "sntrys_x"),
            rule("Grafana token", "\\bgl[s]a_[A-Za-z0-9_]{20,}", "glsa_" + alnum(32), "glsa_x"),
            rule("Grafana Cloud token", "\\bglc_[A-Za-z0-9+/=]{30,}", "glc_" + alnum(60), "glc_x"),
            rule("New Relic key", "\\bNRA[KLI][A-Z]?-[A-Za-z0-9]{20,}", "NRAK-" + upper(27), "NRAK-X"),
            rule("New Relic insert key", "\\bNRI[IQ]-[A-Za-z0-9_-]{20,}", "NRII-" + alnum(32), "NRII-x"),
            rule("Supabase token", "\\bsb[p]_[a-z0-9_]{20,}", "sbp_" + hex(40), "sbp_x"),
            rule("Supabase key", "\\bsb_[a-z]{6,12}_[A-Za-z0-9_-]{20,}", "sb_secret_" + alnum(31), "sb_secret_x"),
            rule("Postman key", "\\bPMAK-[a-f0-9-]{30,}", "PMAK-" + hex(59), "PMAK-x"),
            rule("Doppler token", "\\bdp\\.[a-z]{2,5}\\.[A-Za-z0-9._-]{30,}", "dp.pt." + alnum(43), "dp.pt.x"),
            rule("Figma token", "\\bfig[dou]_[A-Za-z0-9_-]{20,}", "figd_" + alnum(40), "figd_x"),
            rule("HubSpot token", "\\bpat-[a-z]{2}[0-9]-[a-f0-9-]{30,}", "pat-na1-" + hex(36), "pat-na1-x"),
            rule("Tailscale key", "\\btskey-[A-Za-z0-9-]{16,}", "tskey-auth-" + alnum(32), "tskey-auth"),
            rule("Pulumi token", "\\bpul-[a-f0-9]{30,}", "pul-" + hex(40), "pul-x"),
            rule("Buildkite token", "\\bbk[a-z]{2}_[A-Za-z0-9]{30,}", "bkua_" + hex(40), "bkua_x"),
            rule("CircleCI token", "\\bCCIP[AR][TJ]_[A-Za-z0-9_]{20,}", "CCIPAT_" + alnum(60), "CCIPAT_x"),
            rule("Contentful token", "\\bCFPAT-[A-Za-z0-9_-]{20,}", "CFPAT-" + alnum(43), "CFPAT-x"),
            rule("Netlify token", "\\bnfp_[A-Za-z0-9]{30,}", "nfp_" + alnum(36), "nfp_x"),
            rule("Render key", "\\brnd_[A-Za-z0-9]{20,}", "rnd_" + alnum(28), "rnd_seed"),
            rule("Fly token", "\\bfm[12][a-z]?_[A-Za-z0-9+/=_-]{40,}", "fm2_" + alnum(80), "fm2_x"),
            rule(
                    "Dynatrace token",
                    "\\bdt0[a-z0-9]{3}\\.[A-Z0-9]{24}\\.[A-Z0-9]{30,}",
                    "dt0c01." + upper(24) + "." + upper(64),
                    "dt0c01.X"),
            rule("Sourcegraph token", "\\bsgp_[A-Za-z0-9_]{30,}", "sgp_" + hex(40), "sgp_x"),
            rule("Dropbox token", "\\bsl\\.[A-Za-z0-9_-]{60,}", "sl." + alnum(130), "sl.txt"),
            rule("Docker Swarm token", "\\bSWMTKN-1-[a-z0-9-]{40,}", "SWMTKN-1-" + hex(75), "SWMTKN-1-x"),
            rule("1Password service token", "\\bops_eyJ[A-Za-z0-9_=-]{40,}", "ops_eyJ" + alnum(100), "ops_eyJ"),
            rule("age key", "AGE-SECRET-KEY-1[A-Z0-9]{20,}", "AGE-SECRET-KEY-1" + upper(58), "AGE-SECRET-KEY-1"),
            rule("BIP 32 key", "\\b[xyz]prv[A-Za-z0-9]{80,}", "xprv" + alnum(107), "xprv"),
            rule(
                    "JWT without signature",
                    "\\beyJ[A-Za-z0-9_-]{8,200}\\.eyJ[A-Za-z0-9_.-]{8,}",
                    "eyJ" + alnum(20) + ".eyJ" + alnum(20),
                    "eyJ.eyJ"),
            rule("crypt hash", "\\$[0-9y][abxy]?\\$[A-Za-z0-9./$=,+]{20,}", "$6$abcdefgh$" + alnum(60), "$1$2"),
            rule(
                    "PBKDF2 hash",
                    "pbkdf2[-_]sha[0-9]{1,3}\\$[A-Za-z0-9./$=,+]{20,}",
                    "pbkdf2_sha256$600000$" + alnum(60),
                    "pbkdf2_sha256"),
            rule("Apache hash", "\\$apr1\\$[A-Za-z0-9./$]{20,}", "$apr1$abcdefgh$" + alnum(22), "$apr1$x"),
            rule(
                    "Argon2 hash",
                    "\\$argon2[id]{1,2}\\$[A-Za-z0-9./$=,+]{20,}",
                    "$argon2id$v=19$m=65536,t=3,p=4$" + alnum(60),
                    "$argon2id"),
            rule("Flutterwave key", "\\bFLWSECK[-_][A-Za-z0-9_-]{12,}", "FLWSECK-" + hex(32), "FLWSECK-x"),
            rule("EasyPost key", "\\bEZ[AT]K[A-Za-z0-9]{40,}", "EZAK" + alnum(54), "EZAK"),
            rule("Typeform token", "\\btfp_[A-Za-z0-9_-]{40,}", "tfp_" + alnum(59), "tfp_x"),
            rule("Adafruit key", "\\baio_[A-Za-z0-9]{28}", "aio_" + alnum(28), "aio_write"),
            rule("Amazon MWS token", "\\bamzn\\.mws\\.[0-9a-f-]{30,}", "amzn.mws." + hex(36), "amzn.mws.x"),
            rule(
                    "PlanetScale password",
                    "\\bpscale_[a-z]{2,5}_[A-Za-z0-9_.-]{20,}",
                    "pscale_pw_" + alnum(43),
                    "pscale_pw_x"),
            rule("Duffel token", "\\bduffel_[a-z]{4}_[A-Za-z0-9_-]{30,}", "duffel_live_" + alnum(43), "duffel_live_x"),
            rule("Prefect key", "\\bpn[ub]_[A-Za-z0-9]{30,}", "pnu_" + alnum(36), "pnu_x"),
            rule(
                    "Airtable token",
                    "\\bpat[A-Za-z0-9]{14}\\.[a-f0-9]{40,}",
                    "pat" + alnum(14) + "." + hex(64),
                    "pattern.matches"),
            rule("Asana token", "\\b[012]/[0-9]{15,17}[:/][A-Za-z0-9:/]{30,}", "1/1200000000000000:" + hex(32), "1/12"),
            rule("Snyk token", "\\bsnyk_[a-z]{2,5}_[A-Za-z0-9_.-]{20,}", "snyk_uat_" + alnum(40), "snyk_uat_x"),
            rule("Cloudflare token", "\\bv1\\.0-[0-9a-f]{20,}", "v1.0-" + hex(32), "v1.0-beta"),
            rule("SonarQube token", "\\bsq[pua]_[a-f0-9]{40}", "squ_" + hex(40), "squ_x"),
            rule("Google authorization code", "\\b4/0A[A-Za-z0-9_-]{40,}", "4/0A" + alnum(60), "4/0A"),
            rule(
                    "K3s token",
                    "\\bK10[a-f0-9]{64}::[A-Za-z0-9:.]{16,}",
                    "K10" + hex(64) + "::server:" + hex(32),
                    "K10::x"),
            rule(
                    "PASETO",
                    "\\bv[1-4]\\.[lp][ou][cb][al][li]c?\\.[A-Za-z0-9_.-]{40,}",
                    "v4.local." + alnum(60),
                    "v4.local.x"),
            rule("Plaid token", "\\baccess-[a-z]{7,11}-[a-f0-9-]{36}", "access-sandbox-" + hex(36), "access-control-x"),
            rule("GitLab registration token", "\\bGR1348941[A-Za-z0-9_-]{20,}", "GR1348941" + alnum(20), "GR1348941"),
            rule("Apify token", "\\bapify_[a-z]{3,5}_[A-Za-z0-9]{30,}", "apify_api_" + alnum(36), "apify_api_x"),
            rule(
                    "Vercel Blob token",
                    "\\bvercel_blob_rw_[A-Za-z0-9_]{30,}",
                    "vercel_blob_rw_" + alnum(47),
                    "vercel_blob_rw_"),
            rule("OpenShift token", "\\bsha256~[A-Za-z0-9_-]{40,}", "sha256~" + alnum(43), "sha256~x"),
            rule("E2B key", "\\be2b_[a-f0-9]{40}", "e2b_" + hex(40), "e2b_x"),
            rule("RunPod key", "\\brpa_[A-Z0-9]{40,}", "rpa_" + upper(44), "rpa_x"),
            rule("Firecrawl key", "\\bfc-[a-f0-9]{32}", "fc-" + hex(32), "fc-match"),
            rule("Bitbucket token", "\\bBBDC-[A-Za-z0-9+/=]{40,}", "BBDC-" + alnum(44), "BBDC-x"),
            rule("Instagram token", "\\bIGQV[A-Za-z0-9_-]{40,}", "IGQV" + alnum(100), "IGQV"),
            rule("Zoho token", "\\b1000\\.[a-f0-9]{32}\\.[a-f0-9]{32}", "1000." + hex(32) + "." + hex(32), "1000.5"),
            rule("Kaggle token", "\\bKGAT_[A-Za-z0-9]{30,}", "KGAT_" + hex(32), "KGAT_x"),
            rule("ElevenLabs key", "\\bsk_[a-f0-9]{48}", "sk_" + hex(48), "sk_buff"),
            rule("token URI", "\\bsecret-token:[A-Za-z0-9%._~-]{16,}", "secret-token:" + alnum(30), "secret-token:x"),
            rule(
                    "Teams webhook, old",
                    "outlook\\.office\\.com/webhook/[A-Za-z0-9@/-]{30,}",
                    "outlook.office.com/webhook/" + hex(36),
                    "outlook.office.com/webhook/x"),
            rule(
                    "Zapier webhook",
                    "hooks\\.zapier\\.com/hooks/catch/[0-9]{4,9}/[a-z0-9/]{5,}",
                    "hooks.zapier.com/hooks/catch/1234567/a1b2c3d",
                    "hooks.zapier.com/hooks/catch/"),
            rule(
                    "Make webhook",
                    "hook\\.[a-z]{2}[0-9]\\.make\\.com/[a-z0-9]{20,}",
                    "hook.eu2.make.com/" + hex(32),
                    "hook.eu2.make.com/x"),
            rule(
                    "Feishu or Lark webhook",
                    "open-apis/bot/v2/hook/[a-z0-9-]{20,}",
                    "open-apis/bot/v2/hook/" + hex(36),
                    "open-apis/bot/v2/hook/x"),
            rule(
                    "bearer of a web socket",
                    "bearer\\.authorization\\.k8s\\.io\\.[A-Za-z0-9_-]{16,}",
                    "bearer.authorization.k8s.io." + alnum(60),
                    "bearer.authorization.k8s.io"),
            rule("crates.io token", "\\b(?=.*[0-9])cio[A-Za-z0-9]{32}", "cio" + alnum(32), "cio"),
            rule("Neon key", "\\bnapi_[a-z0-9]{40,}", "napi_" + hex(64), "napi_x"),
            rule(
                    "Infisical token",
                    "\\bst\\.[a-f0-9-]{16,40}\\.[a-f0-9.]{16,}",
                    "st." + hex(24) + "." + hex(32),
                    "st.name"),
            rule("Honeycomb key", "\\bhc[abx][a-z]k_[a-z0-9]{40,}", "hcaik_" + hex(58), "hcaik_x"),
            rule(
                    "PayPal token",
                    "access_token\\$[a-z]{7,10}\\$[a-z0-9]{10,20}\\$[a-f0-9]{20,}",
                    "access_token$production$" + hex(16) + "$" + hex(32),
                    "access_token$production"),
            rule("Adyen key", "\\bAQE[a-z0-9]hm[a-z]{2}[A-Za-z0-9+/=-]{40,}", "AQEyhmfx" + alnum(120), "AQEyhmfx"),
            rule("Yandex key", "\\bAQVN[A-Za-z0-9_-]{30,}", "AQVN" + alnum(36), "AQVN"),
            rule("Yandex token", "\\by[0-3]_A[A-Za-z0-9_-]{40,}", "y0_A" + alnum(55), "y0_A"),
            rule("Heroku key", "\\bHRKU-[A-Za-z0-9_-]{30,}", "HRKU-AA" + alnum(58), "HRKU-x"),
            rule("Intercom token", "\\bdG9rO[A-Za-z0-9+/=_-]{40,}", "dG9rO" + alnum(55), "dG9rO"),
            rule("Twitch token", "\\boauth:[a-z0-9]{30}", "oauth:" + hex(30), "oauth:scope"),
            rule("Nostr key", "\\bnsec1[a-z0-9]{50,}", "nsec1" + hex(58), "nsec1"),
            rule("Cloudflare tunnel token", "\\beyJhIjoi[A-Za-z0-9+/=_-]{80,}", "eyJhIjoi" + alnum(120), "eyJhIjoi"),
            rule("LDAP hash", "\\{S[SH][HA][A0-9]?[0-9]{0,3}\\}[A-Za-z0-9+/=]{20,}", "{SSHA}" + alnum(32), "{SSHA}"),
            rule("Artifactory reference token", "\\bcmVmdGtu[A-Za-z0-9+/=]{30,}", "cmVmdGtu" + alnum(56), "cmVmdGtu"),
            rule(
                    "Authress key",
                    "\\bsc_[a-z0-9]{5,30}\\.acc[_-][a-z0-9]{10,32}\\.[A-Za-z0-9+/=_-]{30,}",
                    "sc_" + hex(10) + ".acc_" + hex(16) + "." + alnum(40),
                    "sc_x"));

    private StandardRules() {}

    private static SecretRule rule(String name, String pattern, String example, String counterExample) {
        return new SecretRule(name, pattern, example, counterExample);
    }

    private static String alnum(int length) {
        return ALNUM.repeat(length / ALNUM.length() + 1).substring(0, length);
    }

    private static String upper(int length) {
        return "0A1B2C3D4E5F".repeat(length / 12 + 1).substring(0, length);
    }

    private static String hex(int length) {
        return "0a1b2c3d4e5f".repeat(length / 12 + 1).substring(0, length);
    }
}
