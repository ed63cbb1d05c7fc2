"""Small files made by hand: PDFs, pictures of text, ZIPs, electronic invoices."""

import base64
import io
import zipfile
import zlib

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 595, 842
LINES = (
    (60, 80, "Example Supplies Ltd"),
    (400, 80, "INVOICE"),
    (60, 120, "Invoice number: INV-2024-0815"),
    (60, 140, "Invoice date: 17 March 2024"),
    (60, 200, "Description"),
    (400, 200, "Amount"),
    (60, 220, "Office chairs, black"),
    (400, 220, "1,200.00"),
    (60, 240, "Delivery and assembly"),
    (400, 240, "34.50"),
    (60, 300, "Total due"),
    (400, 300, "1,234.50"),
)
UBL = b"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>INV-1</cbc:ID></Invoice>"""
CII = b"""<?xml version="1.0"?>
<rsm:CrossIndustryInvoice xmlns:rsm=
"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>"""
FATTURA = b"""<p:FatturaElettronica versione="FPR12" xmlns:p=
"http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"/>"""
#: Asks for a password, whatever it may be.
LOCK = f"/Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}>"


class Pdf:
    """A PDF, object by object; ``bytes()`` of it is the file."""

    def __init__(self):
        self.objects = []
        self.catalog = ""
        self.trailer = ""
        self.pages = []
        self.tree = self.add("")
        self.font = self.add(
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
            "/Encoding /WinAnsiEncoding >>"
        )

    def add(self, body):
        """Add an object; return its number."""
        self.objects.append(body if isinstance(body, bytes) else body.encode())
        return len(self.objects)

    def stream(self, data, entries="", packed=True):
        """Add a stream; return its number."""
        if packed:
            data, entries = zlib.compress(data, 9), entries + " /Filter /FlateDecode"
        return self.packed(data, entries)

    def packed(self, data, entries):
        """Add a stream whose data are as they shall be in the file."""
        head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode()
        return self.add(head + data + b"\nendstream")

    def page(self, content=b"", entries="", resources="", size=(WIDTH, HEIGHT)):
        """Add a page; return its number."""
        stream = self.stream(content)
        number = self.add(
            f"<< /Type /Page /Parent {self.tree} 0 R /Contents {stream} 0 R "
            f"/MediaBox [0 0 {size[0]} {size[1]}] {entries} "
            f"/Resources << /Font << /F {self.font} 0 R >> {resources} >> >>"
        )
        self.pages.append(number)
        return number

    def picture_page(self, picture, content=b"", size=(WIDTH, HEIGHT)):
        """Add a page that a picture covers, with a content of its own over it."""
        number = self.stream(
            picture.convert("L").tobytes(),
            f"/Type /XObject /Subtype /Image /Width {picture.width} "
            f"/Height {picture.height} /ColorSpace /DeviceGray /BitsPerComponent 8",
        )
        place = f"q {size[0]} 0 0 {size[1]} 0 0 cm /I Do Q\n".encode()
        resources = f"/XObject << /I {number} 0 R >>"
        return self.page(place + content, resources=resources, size=size)

    def attach(self, name, data):
        """Embed a file."""
        file = self.stream(data, "/Type /EmbeddedFile")
        spec = self.add(
            f"<< /Type /Filespec /F ({name}) /UF ({name}) "
            f"/EF << /F {file} 0 R >> /AFRelationship /Data >>"
        )
        names = f"/EmbeddedFiles << /Names [({name}) {spec} 0 R] >>"
        self.catalog += f" /Names << {names} >> /AF [{spec} 0 R]"

    def __bytes__(self):
        kids = " ".join(f"{number} 0 R" for number in self.pages)
        tree = f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>"
        self.objects[self.tree - 1] = tree.encode()
        root = f"<< /Type /Catalog /Pages {self.tree} 0 R {self.catalog} >>"
        objects = [*self.objects, root.encode()]
        out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
        for number, body in enumerate(objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        trailer = f"/Size {len(objects) + 1} /Root {len(objects)} 0 R {self.trailer}"
        out += f"trailer\n<< {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(out)


def content(lines=LINES, size=10, height=HEIGHT):
    """A content stream with lines of text; ``y`` of a line counts from the top."""
    return b"".join(
        f"BT /F {size} Tf {x} {height - y} Td ({text}) Tj ET\n".encode("cp1252")
        for x, y, text in lines
    )


def text_pdf(lines=LINES, **options):
    """A PDF of one page that holds its text."""
    pdf = Pdf()
    pdf.page(content(lines), **options)
    return bytes(pdf)


def picture(lines=LINES, dpi=150, letters=11, ink=0, paper=255):
    """A grey picture of an A4 page with lines of text."""
    scale = dpi / 72
    image = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), paper)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(letters * scale)
    for x, y, text in lines:
        draw.text((x * scale, (y - letters) * scale), text, fill=ink, font=font)
    return image


def saved(image, kind, **options):
    """The bytes of a picture as a file."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def scan_pdf(image=None, text=b""):
    """A PDF of one page that is a picture, with some text over it."""
    pdf = Pdf()
    pdf.picture_page(image or picture(), text)
    return bytes(pdf)


#: A HEIC photo of 64 x 48 pixels, the left half black, the right half white. The
#: library that opens such files cannot make them.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0"
    "AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAABgAAAAjaWluZgAAAAAA"
    "AQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmND"
    "AQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEB"
    "A3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5j"
    "bHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAA"
    "Av////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACBtZGF0AAAA"
    "FCgBrxmA7iRKX//o6qsTf8JQYoT8"
)


def zipped(*files, method=zipfile.ZIP_DEFLATED):
    """A ZIP of ``(name, bytes)``."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return stream.getvalue()
