#!/usr/bin/env python3
"""persona.py - what recipients do, through real IMAP/SMTP of their ISP (stdlib only).
  persona.py ACTION user@isp TOKEN [text]      acts on messages in INBOX+Junk whose text contains TOKEN
  ACTION: reply | stop (reply "unsubscribe me") | junk | notjunk | read | star | open (fetches images) | click (first link)
          oneclick (RFC 8058 POST to List-Unsubscribe) | complain (ARF feedback report to abuse address, default fbl address = Return-Path owner)
          wrongperson | forward | away (an automatic answer, as programs give it that look at no list headers) | list | results (folder and Authentication-Results) | wait (until present, 30 s)"""
import email, email.policy, imaplib, os, re, smtplib, ssl, sys, time, urllib.request, email.utils
from email.message import EmailMessage
TB = os.environ["TB"]; ISP = {"bigmail.com": "198.18.2.10", "outmail.net": "198.18.2.20", "oldhost.org": "198.18.2.30", "puffy.net": "198.18.2.40"}
CTX = ssl.create_default_context(cafile=TB + "/ca/ca.pem"); NOV = ssl._create_unverified_context()
RES = {h: ip for h, ip in [x.split("=") for x in os.environ.get("PERSONA_HOSTS", "").split(",") if "=" in x]}   # host=ip pairs for http(s) fetches
def act(action, who, token, text=None):
    dom = who.split("@")[1]; host = ISP[dom]; M = imaplib.IMAP4_SSL(host, 993, ssl_context=NOV if dom == "oldhost.org" else CTX); M.login(who, "secret"); n = 0
    end = time.time() + (30 if action == "wait" else 0)
    while True:
        for folder in {"junk": ("INBOX",), "notjunk": ("Junk",)}.get(action, ("INBOX", "Junk")):
            if M.select(folder)[0] != "OK": continue
            for uid in M.uid("SEARCH", "TEXT", '"%s"' % token)[1][0].split():
                raw = M.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1]; m = email.message_from_bytes(raw, policy=email.policy.default); n += 1; one(M, folder, uid, raw, m, action, who, dom, host, text)
        if n or time.time() >= end: break
        time.sleep(0.3)
    M.logout(); print(f"{action} {who} {token}: {n} message(s)"); return 0 if n else 1
def send(host, who, msg, to):
    s = smtplib.SMTP(host, 25 if who.endswith("oldhost.org") else 587)
    if not who.endswith("oldhost.org"): s.starttls(context=CTX); s.login(who, "secret")
    s.send_message(msg, who, to); s.quit()
def http(url, data=None, hdr={}):
    try: return urllib.request.build_opener(urllib.request.HTTPSHandler(context=CTX), urllib.request.ProxyHandler({})).open(urllib.request.Request(url, data=data, headers={"User-Agent": "Mozilla/5.0 (testbed persona)", **hdr}), timeout=5).status
    except Exception as e: return repr(e)
def one(M, folder, uid, raw, m, action, who, dom, host, text):
    html = m.get_body(("html",)); html = html.get_content() if html else ""
    if action in ("reply", "stop", "wrongperson", "forward", "away"):
        r = EmailMessage(); r["From"] = who; r["To"] = m.get("Reply-To", m["From"]) if action != "forward" else text; r["Subject"] = "Re: " + (m["Subject"] or ""); r["Message-ID"] = email.utils.make_msgid(domain=dom); r["Date"] = email.utils.localtime()
        r["In-Reply-To"] = m["Message-ID"]; r["References"] = (m["References"] + " " if m["References"] else "") + (m["Message-ID"] or "")
        say = {"reply": text or "Sounds interesting - can you call me on Tuesday?", "stop": "Please unsubscribe me from this list.", "wrongperson": "You want my colleague bob@%s for this." % dom, "forward": "fyi", "away": "I am out of the office until Monday and will answer then."}[action]
        if action == "away": r.replace_header("Subject", "Automatic reply: " + (m["Subject"] or "")); r["Auto-Submitted"] = "auto-replied"
        quoted = "\n".join("> " + l for l in (m.get_body(("plain",)).get_content() if m.get_body(("plain",)) else "").splitlines()); r.set_content(f"{say}\n\nOn {m['Date']}, {m['From']} wrote:\n{quoted}\n"); send(host, who, r, [email.utils.parseaddr(r["To"])[1]])
        M.uid("STORE", uid, "+FLAGS", r"(\Answered \Seen)")
    elif action in ("junk", "notjunk"): M.uid("MOVE", uid, "Junk" if action == "junk" else "INBOX")
    elif action == "read": M.uid("STORE", uid, "+FLAGS", r"(\Seen)")
    elif action == "star": M.uid("STORE", uid, "+FLAGS", r"(\Flagged)")
    elif action == "open": print([ (u, http(u)) for u in re.findall(r'<img[^>]+src="([^"]+)"', html)])
    elif action == "click": u = re.findall(r'href="(https?://[^"]+)"', html)[:1]; print([(x, http(x)) for x in u])
    elif action == "oneclick":
        u = re.findall(r"<(https?://[^>]+)>", m.get("List-Unsubscribe", "")); print([(x, http(x, b"List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"})) for x in u[:1]] if "One-Click" in m.get("List-Unsubscribe-Post", "") else "no One-Click header")
    elif action == "complain":
        to = text or "fbl@" + email.utils.parseaddr(m["From"])[1].split("@")[1]; rp = m.get("Return-Path", "<>").strip("<>")
        body = (f"From: feedback@{dom}\r\nTo: {to}\r\nSubject: Email Feedback Report \r\nMessage-ID: {email.utils.make_msgid(domain=dom)}\r\nDate: {email.utils.formatdate()}\r\nMIME-Version: 1.0\r\n"
          "Content-Type: multipart/report; report-type=feedback-report; boundary=\"arf1\"\r\n\r\n--arf1\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is an email abuse report for an email message received from one of your addresses.\r\n\r\n"
          f"--arf1\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: TestbedFBL/1.0\r\nVersion: 1\r\nOriginal-Mail-From: <{rp}>\r\nOriginal-Rcpt-To: <{who}>\r\nArrival-Date: {m['Date']}\r\nReported-Domain: {email.utils.parseaddr(m['From'])[1].split('@')[1]}\r\nAuthentication-Results: {dom}; dkim=pass\r\n\r\n"
          "--arf1\r\nContent-Type: message/rfc822\r\n\r\n").encode() + raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n--arf1--\r\n"
        s = smtplib.SMTP(host, 25 if dom == "oldhost.org" else 587)
        if dom != "oldhost.org": s.starttls(context=CTX); s.login(who, "secret")
        s.sendmail("feedback@" + dom, [to], body); s.quit()
    elif action == "results": print(folder, *[" ".join(line.split()) for line in m.get_all("Authentication-Results", [])], sep="\n")
    elif action == "list": print(folder, uid.decode(), m["From"], m["Subject"])
if __name__ == "__main__":
    if len(sys.argv) < 4: print(__doc__); sys.exit(2)
    sys.exit(act(*sys.argv[1:5]))
