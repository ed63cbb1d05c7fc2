import {DocumentFileUploader} from "@account/components/document_file_uploader/document_file_uploader";
import {patch} from "@web/core/utils/patch";

/**
 * Pictures of documents are kept as they are.
 *
 * Odoo makes large ones smaller, so that small print cannot be read any more. To which
 * journal they go is not known yet here.
 */
patch(DocumentFileUploader.prototype, {
    setup() {
        super.setup();
        const {orm} = this;
        this.orm = Object.create(orm, {
            create: {
                value: (model, records, kwargs = {}) =>
                    orm.create(model, records, {
                        ...kwargs,
                        context: {...kwargs.context, image_no_postprocess: true},
                    }),
            },
        });
    },
});
