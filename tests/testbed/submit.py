#!/usr/bin/env python3
"""submit.py HOST PORT USER PASSWORD MAIL-FROM HEADER-FROM RCPT TOKEN [FILE]   one message by submission (587 STARTTLS, 465 TLS) or, with USER "-", by plain SMTP
   Prints the code and text of the last answer. FILE holds header lines to put before the others. Certificates are not checked here."""
import smtplib, ssl, sys, email.utils
host, port, user, password, sender, author, rcpt, token = sys.argv[1:9]
extra = open(sys.argv[9]).read() if len(sys.argv) > 9 else ""
context = ssl._create_unverified_context()
smtp = smtplib.SMTP_SSL(host, int(port), timeout=20, context=context) if port == "465" else smtplib.SMTP(host, int(port), timeout=20)
code, text = 0, b""
try:
    if port == "587": smtp.starttls(context=context)
    smtp.ehlo()
    if user != "-": code, text = smtp.login(user, password)
    code, text = smtp.mail(sender)
    if code == 250: code, text = smtp.rcpt(rcpt)
    if code == 250: code, text = smtp.data(f"{extra}From: {author}\r\nTo: {rcpt}\r\nSubject: {token}\r\nDate: {email.utils.formatdate()}\r\nMessage-ID: <{token}@{author.split('@')[1]}>\r\n\r\nhello {token}\r\n")
except smtplib.SMTPResponseException as refused:
    code, text = refused.smtp_code, refused.smtp_error
print(code, text.decode("utf-8", "replace").replace("\n", " "))
