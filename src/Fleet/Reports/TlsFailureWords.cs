namespace PenguinMails.Fleet.Reports;

/// <summary>What a kind of failure means (RFC 8460 4.3) and what to do. Pure.</summary>
static class TlsFailureWords
{
    public static (string What, string Cause, string Fix) Of(string result) => result switch
    {
        "starttls-not-supported" => ("The server offered no encryption.", "It has no certificate, or something between strips STARTTLS from what it offers.",
            "Set up a certificate on the mail server; when it has one, ask its network's provider whether a firewall looks into SMTP."),
        "certificate-host-mismatch" => ("The certificate is for another name.", "The MX record names a host that its certificate does not.",
            "Get a certificate with the name in the MX record, or let the MX record name the host as the certificate does."),
        "certificate-expired" => ("The certificate had ended.", "Its renewal failed, or the server still shows the old one.", "Renew it and restart the mail server; then find out why it did not renew by itself."),
        "certificate-not-trusted" => ("No known authority vouches for the certificate.", "It is self-made, or the server does not show the certificates in between.", "Use a certificate of a public authority, with the whole chain."),
        "validation-failure" => ("The connection could not be proved for a reason without a name of its own.", "The detail beside it, where there is one, says more.", "Check the certificate, the TLS versions and the ciphers of the mail server."),
        "tlsa-invalid" => ("A TLSA record does not fit the certificate.", "The certificate was changed without its record, so that DANE refuses it.", "Publish the TLSA record of the new certificate before it is put to use; take the old one away afterwards."),
        "dnssec-invalid" => ("The domain's DNSSEC is broken.", "A signature ended, or a key was changed without its DS record.", "Repair DNSSEC at your DNS host, or take the DS record away at the registrar."),
        "dane-required" => ("The sender insists on DANE, and there is no usable TLSA record.", "A rule of that sender.", "Publish TLSA records, or agree with that sender on something else."),
        "sts-policy-fetch-error" => ("The MTA-STS policy could not be fetched.", "Its web host does not answer, or not over HTTPS with a valid certificate.", "Check mta-sts. below the domain: https://mta-sts.DOMAIN/.well-known/mta-sts.txt must open in a browser."),
        "sts-policy-invalid" => ("The MTA-STS policy cannot be read.", "A line is missing or misspelt.", "It needs version: STSv1, mode, max_age and at least one mx line (RFC 8461 3.2)."),
        "sts-webpki-invalid" => ("The certificate does not fulfil the MTA-STS policy.", "The MX host is not in the policy, or its certificate is not from a public authority or for another name.", "Name every MX host in the policy, and give each a certificate for its name."),
        _ => ("A failure of a kind that no standard names.", "The detail beside it, where there is one, says more.", "Check the certificate and the TLS settings of the mail server."),
    };
}
