# Odoo 19 with ai_queue. docker-compose.yml runs it as two services: web and jobs.
FROM odoo:19.0

USER root
SHELL ["/bin/bash", "-o", "pipefail", "-c"]

# What reads pictures of documents beside PP-OCR (see requirements.txt), with the
# languages that ai_queue reads; and libgomp, without which lightgbm does not load.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 tesseract-ocr \
        tesseract-ocr-deu tesseract-ocr-fra tesseract-ocr-ita tesseract-ocr-nld \
        tesseract-ocr-por tesseract-ocr-spa \
    && rm -rf /var/lib/apt/lists/*

# The job queue is an Odoo addon packaged for pip. It requires the distribution "odoo",
# which is here as a Debian package and not to be fetched from anywhere: hence --no-deps
# for addons, and their libraries by name. Of rapidocr only the data are used.
COPY requirements.txt /tmp/requirements.txt
RUN pip3 install --no-cache-dir --break-system-packages \
        -r <(grep -Ev '^(odoo-addon|rapidocr)' /tmp/requirements.txt) \
    && pip3 install --no-cache-dir --break-system-packages --no-deps \
        -r <(grep -E '^(odoo-addon|rapidocr)' /tmp/requirements.txt) \
    && rm /tmp/requirements.txt

# Not in /mnt/extra-addons: that is a volume, which would hide what a newer image brings.
COPY queue_job_operations /opt/ai_queue/addons/queue_job_operations
COPY ai_queue /opt/ai_queue/addons/ai_queue
COPY ai_queue_stock /opt/ai_queue/addons/ai_queue_stock
COPY ai_queue_data_warehouse /opt/ai_queue/addons/ai_queue_data_warehouse
COPY ai_queue_celery /opt/ai_queue/addons/ai_queue_celery
COPY ai_queue_agent /opt/ai_queue/addons/ai_queue_agent
COPY ai_queue_agent_stock /opt/ai_queue/addons/ai_queue_agent_stock
COPY ai_queue_purchase /opt/ai_queue/addons/ai_queue_purchase
COPY ai_queue_report /opt/ai_queue/addons/ai_queue_report
COPY ai_queue_report_data_warehouse /opt/ai_queue/addons/ai_queue_report_data_warehouse
COPY odoo.conf /etc/odoo/odoo.conf

# Odoo prefers these to its configuration file. In a container the proxy is elsewhere.
ENV ODOO_ADDONS_PATH=/opt/ai_queue/addons \
    ODOO_HTTP_INTERFACE=0.0.0.0

USER odoo
