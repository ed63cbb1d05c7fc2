"""Electronic invoices of single countries, made up for tests: one for each format."""

FACTURAE = """<fe:Facturae xmlns:fe=
"http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml"><FileHeader>
<SchemaVersion>3.2.2</SchemaVersion></FileHeader><Parties><SellerParty>
<TaxIdentification><TaxIdentificationNumber>B58378431</TaxIdentificationNumber>
</TaxIdentification><LegalEntity><CorporateName>Serbal Muebles S.L.</CorporateName>
<AddressInSpain><Address>Calle Olmo 3</Address><PostCode>28001</PostCode><Town>Madrid
</Town><CountryCode>ESP</CountryCode></AddressInSpain></LegalEntity></SellerParty>
<BuyerParty><LegalEntity><CorporateName>Comprador SA</CorporateName></LegalEntity>
</BuyerParty></Parties><Invoices><Invoice><InvoiceHeader><InvoiceNumber>52</InvoiceNumber>
<InvoiceSeriesCode>M</InvoiceSeriesCode><InvoiceClass>OO</InvoiceClass></InvoiceHeader>
<InvoiceIssueData><IssueDate>2026-03-05</IssueDate><InvoiceCurrencyCode>EUR
</InvoiceCurrencyCode></InvoiceIssueData><TaxesOutputs><Tax><TaxTypeCode>01</TaxTypeCode>
<TaxRate>21.00</TaxRate><TaxableBase><TotalAmount>90.00</TotalAmount></TaxableBase>
<TaxAmount><TotalAmount>18.90</TotalAmount></TaxAmount><EquivalenceSurcharge>5.20
</EquivalenceSurcharge><EquivalenceSurchargeAmount><TotalAmount>4.68</TotalAmount>
</EquivalenceSurchargeAmount></Tax></TaxesOutputs><InvoiceTotals><TotalGrossAmount>95.00
</TotalGrossAmount><GeneralDiscounts><Discount><DiscountReason>Pronto pago
</DiscountReason><DiscountAmount>5.00</DiscountAmount></Discount></GeneralDiscounts>
<TotalGrossAmountBeforeTaxes>90.00</TotalGrossAmountBeforeTaxes><TotalTaxOutputs>23.58
</TotalTaxOutputs><TotalTaxesWithheld>13.50</TotalTaxesWithheld><InvoiceTotal>100.08
</InvoiceTotal><TotalExecutableAmount>100.08</TotalExecutableAmount></InvoiceTotals>
<Items><InvoiceLine><ItemDescription>Estante</ItemDescription><Quantity>10</Quantity>
<UnitPriceWithoutTax>10.00000000</UnitPriceWithoutTax><TotalCost>100.00000000</TotalCost>
<DiscountsAndRebates><Discount><DiscountRate>5.0000</DiscountRate><DiscountAmount>5.00
</DiscountAmount></Discount></DiscountsAndRebates><GrossAmount>95.00000000</GrossAmount>
<TaxesOutputs><Tax><TaxTypeCode>01</TaxTypeCode><TaxRate>21.00</TaxRate></Tax>
</TaxesOutputs></InvoiceLine></Items><PaymentDetails><Installment><InstallmentDueDate>
2026-04-04</InstallmentDueDate><AccountToBeCredited><IBAN>ES9121000418450200051332</IBAN>
</AccountToBeCredited></Installment></PaymentDetails></Invoice></Invoices></fe:Facturae>"""

KSEF = """<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/"><Podmiot1>
<DaneIdentyfikacyjne><NIP>5261040828</NIP><Nazwa>Jarzębina Meble Sp. z o.o.</Nazwa>
</DaneIdentyfikacyjne><Adres><KodKraju>PL</KodKraju><AdresL1>ul. Lipowa 4</AdresL1>
</Adres></Podmiot1><Podmiot2><DaneIdentyfikacyjne><NIP>1111111111</NIP><Nazwa>Nabywca</Nazwa>
</DaneIdentyfikacyjne></Podmiot2><Podmiot3><DaneIdentyfikacyjne><Nazwa>Faktor SA</Nazwa>
</DaneIdentyfikacyjne><Rola>1</Rola></Podmiot3><Fa><KodWaluty>PLN</KodWaluty>
<P_1>2026-03-05</P_1><P_2>FV/9/2026</P_2><P_13_1>200.00</P_13_1><P_14_1>46.00</P_14_1>
<P_13_2>100.00</P_13_2><P_14_2>8.00</P_14_2><P_13_7>50.00</P_13_7><P_15>404.00</P_15>
<RodzajFaktury>{kind}</RodzajFaktury><FaWiersz><P_7>Regał</P_7><P_8A>szt</P_8A><P_8B>2
</P_8B><P_9A>100.00</P_9A><P_11>200.00</P_11><P_12>23</P_12></FaWiersz><FaWiersz>
<P_7>Książka</P_7><P_8B>1</P_8B><P_9A>100.00</P_9A><P_11>100.00</P_11><P_12>8</P_12>
</FaWiersz><FaWiersz><P_7>Kurs</P_7><P_11>50.00</P_11><P_12>zw</P_12></FaWiersz>{more}
<Platnosc><TerminPlatnosci><Termin>2026-04-04</Termin></TerminPlatnosci>
<RachunekBankowy><NrRB>61109010140000071219812874</NrRB></RachunekBankowy></Platnosc></Fa>
</Faktura>"""

KSEF_CORRECTION = """<Faktura xmlns="http://crd.gov.pl/wzor/2023/06/29/12648/"><Podmiot1>
<DaneIdentyfikacyjne><NIP>5261040828</NIP><Nazwa>Jarzębina Meble Sp. z o.o.</Nazwa>
</DaneIdentyfikacyjne></Podmiot1><Fa><KodWaluty>PLN</KodWaluty><P_1>2026-03-05</P_1>
<P_2>KOR/1</P_2><P_13_1>-50.00</P_13_1><P_14_1>-11.50</P_14_1><P_15>-61.50</P_15>
<RodzajFaktury>KOR</RodzajFaktury><FaWiersz><P_7>Regał</P_7><P_8B>2</P_8B>
<P_9A>100.00</P_9A><P_11>200.00</P_11><P_12>23</P_12><StanPrzed>1</StanPrzed></FaWiersz>
<FaWiersz><P_7>Regał</P_7><P_8B>2</P_8B><P_9A>75.00</P_9A><P_11>150.00</P_11>
<P_12>23</P_12></FaWiersz></Fa></Faktura>"""

CFDI = """<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0"
 TipoDeComprobante="I" Serie="S" Folio="31" Fecha="2026-03-05T10:00:00"
 SubTotal="1000.00" Descuento="100.00" Total="954.00" Moneda="MXN"
 CondicionesDePago="Pago a 30 días">
<cfdi:Emisor Rfc="EKU9003173C9" Nombre="SERBAL MUEBLES"/><cfdi:Receptor
 Rfc="URE180429TM6" Nombre="COMPRADOR"/><cfdi:Conceptos><cfdi:Concepto Cantidad="4"
 Unidad="pieza" Descripcion="Estante" ValorUnitario="250.00" Importe="1000.00"
 Descuento="100.00" ObjetoImp="02"><cfdi:Impuestos><cfdi:Traslados><cfdi:Traslado
 Base="900.00" Importe="144.00" Impuesto="002" TasaOCuota="0.160000" TipoFactor="Tasa"/>
</cfdi:Traslados></cfdi:Impuestos></cfdi:Concepto></cfdi:Conceptos><cfdi:Impuestos
 TotalImpuestosTrasladados="144.00" TotalImpuestosRetenidos="90.00"><cfdi:Retenciones>
<cfdi:Retencion Impuesto="001" Importe="90.00"/></cfdi:Retenciones><cfdi:Traslados>
<cfdi:Traslado Base="900.00" Importe="144.00" Impuesto="002" TasaOCuota="0.160000"
 TipoFactor="Tasa"/></cfdi:Traslados></cfdi:Impuestos></cfdi:Comprobante>"""

NFE = """<nfeProc xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00"><NFe><infNFe>
<ide><serie>1</serie><nNF>815</nNF><dhEmi>2026-03-05T09:00:00-03:00</dhEmi><finNFe>1
</finNFe></ide><emit><CNPJ>11222333000181</CNPJ><xNome>Sorveira Moveis Ltda</xNome>
<enderEmit><xLgr>Rua A</xLgr><xMun>Curitiba</xMun><UF>PR</UF></enderEmit></emit><dest>
<CNPJ>12345678000195</CNPJ><xNome>Comprador</xNome></dest><det nItem="1"><prod>
<xProd>Estante</xProd><uCom>UN</uCom><qCom>2.0000</qCom><vUnCom>150.0000000000</vUnCom>
<vProd>300.00</vProd><vDesc>30.00</vDesc><indTot>1</indTot><xPed>P-9</xPed></prod></det>
<det nItem="2"><prod><xProd>Brinde</xProd><qCom>1.0000</qCom><vUnCom>9.00</vUnCom>
<vProd>9.00</vProd><indTot>0</indTot></prod></det><total><ICMSTot><vICMS>48.60</vICMS>
<vST>12.00</vST><vProd>300.00</vProd><vFrete>20.00</vFrete><vSeg>0.00</vSeg>
<vDesc>30.00</vDesc><vII>0.00</vII><vIPI>13.50</vIPI><vOutro>0.00</vOutro>
<vNF>315.50</vNF></ICMSTot></total><cobr><fat><nFat>815</nFat><vLiq>315.50</vLiq></fat>
<dup><nDup>001</nDup><dVenc>2026-04-04</dVenc><vDup>315.50</vDup></dup></cobr></infNFe>
</NFe></nfeProc>"""

NAV = """<InvoiceData xmlns="http://schemas.nav.gov.hu/OSA/3.0/data"
 xmlns:b="http://schemas.nav.gov.hu/OSA/3.0/base"><invoiceNumber>B-2026/7</invoiceNumber>
<invoiceIssueDate>2026-03-05</invoiceIssueDate><invoiceMain><invoice><invoiceHead>
<supplierInfo><supplierTaxNumber><b:taxpayerId>27725414</b:taxpayerId><b:vatCode>2
</b:vatCode><b:countyCode>13</b:countyCode></supplierTaxNumber><supplierName>Berkenye
 Kft.</supplierName><supplierAddress><b:simpleAddress><b:countryCode>HU</b:countryCode>
<b:postalCode>1073</b:postalCode><b:city>Budapest</b:city></b:simpleAddress>
</supplierAddress><supplierBankAccountNumber>11773016-11111018-00000000
</supplierBankAccountNumber></supplierInfo><customerInfo><customerVatData>
<customerTaxNumber><b:taxpayerId>14933477</b:taxpayerId></customerTaxNumber>
</customerVatData><customerName>Vevő Kft.</customerName></customerInfo><invoiceDetail>
<invoiceCategory>NORMAL</invoiceCategory><currencyCode>HUF</currencyCode>
<paymentDate>2026-04-04</paymentDate></invoiceDetail></invoiceHead><invoiceLines><line>
<lineDescription>Polc</lineDescription><quantity>{sign}2</quantity><unitOfMeasure>OWN
</unitOfMeasure><unitOfMeasureOwn>doboz</unitOfMeasureOwn><unitPrice>5000</unitPrice>
<lineDiscountData><discountRate>0.1000</discountRate></lineDiscountData>
<lineAmountsNormal><lineNetAmountData><lineNetAmount>{sign}9000</lineNetAmount>
</lineNetAmountData><lineVatRate><vatPercentage>0.27</vatPercentage></lineVatRate>
</lineAmountsNormal></line></invoiceLines><invoiceSummary><summaryNormal>
<summaryByVatRate><vatRate><vatPercentage>0.27</vatPercentage></vatRate><vatRateNetData>
<vatRateNetAmount>{sign}9000</vatRateNetAmount></vatRateNetData><vatRateVatData>
<vatRateVatAmount>{sign}2430</vatRateVatAmount></vatRateVatData></summaryByVatRate>
<invoiceNetAmount>{sign}9000</invoiceNetAmount><invoiceVatAmount>{sign}2430
</invoiceVatAmount></summaryNormal><summaryGrossData><invoiceGrossAmount>{sign}11430
</invoiceGrossAmount></summaryGrossData></invoiceSummary></invoice></invoiceMain>
</InvoiceData>"""

EBINTERFACE_6 = """<Invoice xmlns="http://www.ebinterface.at/schema/6p1/"
 DocumentType="Invoice" InvoiceCurrency="EUR"><InvoiceNumber>E-5</InvoiceNumber>
<InvoiceDate>2026-03-05</InvoiceDate><Biller><VATIdentificationNumber>ATU13585627
</VATIdentificationNumber><Address><Name>Vogelbeer Möbel GmbH</Name><Town>Graz</Town>
<ZIP>8010</ZIP><Country CountryCode="AT">Österreich</Country></Address></Biller>
<InvoiceRecipient><VATIdentificationNumber>00000000</VATIdentificationNumber>
<OrderReference><OrderID>B-5</OrderID></OrderReference><Address><Name>Käufer</Name>
</Address></InvoiceRecipient><Details><ItemList><ListLineItem><Description>Regal
</Description><Quantity Unit="C62">4</Quantity><UnitPrice>25.00</UnitPrice>
<ReductionAndSurchargeListLineItemDetails><ReductionListLineItem><BaseAmount>100.00
</BaseAmount><Percentage>10</Percentage></ReductionListLineItem>
</ReductionAndSurchargeListLineItemDetails><TaxItem><TaxableAmount>90.00</TaxableAmount>
<TaxPercent TaxCategoryCode="S">20</TaxPercent></TaxItem><LineItemAmount>90.00
</LineItemAmount></ListLineItem></ItemList></Details><ReductionAndSurchargeDetails>
<Surcharge><BaseAmount>90.00</BaseAmount><Percentage>10</Percentage><Comment>Versand
</Comment><TaxItem><TaxPercent TaxCategoryCode="S">20</TaxPercent></TaxItem></Surcharge>
</ReductionAndSurchargeDetails><Tax><TaxItem><TaxableAmount>99.00</TaxableAmount>
<TaxPercent TaxCategoryCode="S">20</TaxPercent><TaxAmount>19.80</TaxAmount></TaxItem>
</Tax><TotalGrossAmount>118.80</TotalGrossAmount><PrepaidAmount>18.80</PrepaidAmount>
<PayableAmount>100.00</PayableAmount><PaymentMethod><UniversalBankTransaction>
<BeneficiaryAccount><IBAN>AT611904300234573201</IBAN></BeneficiaryAccount>
<PaymentReference>4711</PaymentReference></UniversalBankTransaction></PaymentMethod>
<PaymentConditions><DueDate>2026-04-04</DueDate><Discount><PaymentDate>2026-03-15
</PaymentDate><Percentage>2</Percentage></Discount></PaymentConditions></Invoice>"""

EBINTERFACE_4 = """<eb:Invoice xmlns:eb="http://www.ebinterface.at/schema/4p2/"
 eb:DocumentType="CreditMemo" eb:InvoiceCurrency="EUR"><eb:InvoiceNumber>G-5
</eb:InvoiceNumber><eb:InvoiceDate>2026-03-05</eb:InvoiceDate><eb:Biller>
<eb:VATIdentificationNumber>ATU13585627</eb:VATIdentificationNumber><eb:Address>
<eb:Name>Vogelbeer Möbel GmbH</eb:Name><eb:Country>AT</eb:Country></eb:Address>
</eb:Biller><eb:Details><eb:ItemList><eb:ListLineItem><eb:Description>Regal
</eb:Description><eb:Quantity eb:Unit="Stk">1</eb:Quantity><eb:UnitPrice>50.00
</eb:UnitPrice><eb:VATRate>20</eb:VATRate><eb:LineItemAmount>50.00</eb:LineItemAmount>
</eb:ListLineItem></eb:ItemList></eb:Details><eb:Tax><eb:VAT><eb:VATItem>
<eb:TaxedAmount>50.00</eb:TaxedAmount><eb:VATRate>20</eb:VATRate><eb:Amount>10.00
</eb:Amount></eb:VATItem></eb:VAT></eb:Tax><eb:TotalGrossAmount>60.00
</eb:TotalGrossAmount><eb:PayableAmount>60.00</eb:PayableAmount></eb:Invoice>"""

ISDOC = """<Invoice xmlns="http://isdoc.cz/namespace/2013" version="6.0.1">
<DocumentType>{kind}</DocumentType><ID>FV-26/3</ID><IssueDate>2026-03-05</IssueDate>
<LocalCurrencyCode>CZK</LocalCurrencyCode><AccountingSupplierParty><Party><PartyName>
<Name>Jeřáb nábytek s.r.o.</Name></PartyName><PostalAddress><StreetName>Lipová
</StreetName><CityName>Brno</CityName><PostalZone>60200</PostalZone><Country><IdentificationCode>CZ
</IdentificationCode></Country></PostalAddress><PartyTaxScheme><CompanyID>CZ25097563
</CompanyID><TaxScheme>VAT</TaxScheme></PartyTaxScheme></Party></AccountingSupplierParty>
<OrderReferences><OrderReference><ExternalOrderID>OV-3</ExternalOrderID></OrderReference>
</OrderReferences><InvoiceLines><InvoiceLine><InvoicedQuantity unitCode="ks">4
</InvoicedQuantity><LineExtensionAmount>900.00</LineExtensionAmount>
<LineExtensionAmountBeforeDiscount>1000.00</LineExtensionAmountBeforeDiscount>
<UnitPrice>250.00</UnitPrice><ClassifiedTaxCategory><Percent>21</Percent>
</ClassifiedTaxCategory><Item><Description>Police</Description></Item></InvoiceLine>
</InvoiceLines><TaxTotal><TaxSubTotal><TaxableAmount>900.00</TaxableAmount>
<TaxAmount>189.00</TaxAmount><AlreadyClaimedTaxableAmount>{claimed}
</AlreadyClaimedTaxableAmount><DifferenceTaxableAmount>600.00</DifferenceTaxableAmount>
<DifferenceTaxAmount>126.00</DifferenceTaxAmount><TaxCategory><Percent>21</Percent>
</TaxCategory></TaxSubTotal><TaxAmount>189.00</TaxAmount></TaxTotal><LegalMonetaryTotal>
<TaxExclusiveAmount>900.00</TaxExclusiveAmount><TaxInclusiveAmount>1089.00
</TaxInclusiveAmount><AlreadyClaimedTaxInclusiveAmount>{claimed}
</AlreadyClaimedTaxInclusiveAmount><DifferenceTaxExclusiveAmount>600.00
</DifferenceTaxExclusiveAmount><DifferenceTaxInclusiveAmount>726.00
</DifferenceTaxInclusiveAmount><PayableRoundingAmount>0.00</PayableRoundingAmount>
<PayableAmount>{due}</PayableAmount></LegalMonetaryTotal><PaymentMeans><Payment><Details>
<PaymentDueDate>2026-04-04</PaymentDueDate><ID>19-2000145399</ID><BankCode>0800</BankCode>
<IBAN>CZ6508000000192000145399</IBAN><VariableSymbol>263</VariableSymbol></Details>
</Payment></PaymentMeans></Invoice>"""

SVEFAKTURA = """<Invoice xmlns="urn:sfti:documents:BasicInvoice:1:0"
 xmlns:c="urn:sfti:CommonAggregateComponents:1:0"
 xmlns:b="urn:oasis:names:tc:ubl:CommonBasicComponents:1:0"><ID>SF-8</ID>
<b:IssueDate>2026-03-05</b:IssueDate><InvoiceTypeCode>380</InvoiceTypeCode>
<InvoiceCurrencyCode>SEK</InvoiceCurrencyCode><c:SellerParty><c:Party><c:PartyName>
<b:Name>Rönnbär Möbler AB</b:Name></c:PartyName><c:Address><b:StreetName>Storgatan 1
</b:StreetName><b:CityName>Lund</b:CityName><c:Country><c:IdentificationCode>SE
</c:IdentificationCode></c:Country></c:Address><c:PartyTaxScheme><b:CompanyID>5560360793
</b:CompanyID><c:TaxScheme><c:ID>SWT</c:ID></c:TaxScheme></c:PartyTaxScheme>
<c:PartyTaxScheme><b:CompanyID>SE556036079301</b:CompanyID><c:TaxScheme><c:ID>VAT</c:ID>
</c:TaxScheme></c:PartyTaxScheme></c:Party></c:SellerParty><c:PaymentMeans>
<b:DuePaymentDate>2026-04-04</b:DuePaymentDate><c:PayeeFinancialAccount><c:ID>50501055
</c:ID><c:PaymentInstructionID>7714</c:PaymentInstructionID></c:PayeeFinancialAccount>
</c:PaymentMeans><c:TaxTotal><b:TotalTaxAmount>24.96</b:TotalTaxAmount><c:TaxSubTotal>
<b:TaxableAmount>99.85</b:TaxableAmount><b:TaxAmount>24.96</b:TaxAmount><c:TaxCategory>
<c:ID>S</c:ID><b:Percent>25</b:Percent></c:TaxCategory></c:TaxSubTotal></c:TaxTotal>
<c:LegalTotal><b:TaxExclusiveTotalAmount>99.85</b:TaxExclusiveTotalAmount>
<b:TaxInclusiveTotalAmount>125.00</b:TaxInclusiveTotalAmount><c:RoundOffAmount>0.19
</c:RoundOffAmount></c:LegalTotal><c:InvoiceLine><b:InvoicedQuantity
 quantityUnitCode="st">1</b:InvoicedQuantity><b:LineExtensionAmount>99.85
</b:LineExtensionAmount><c:Item><b:Description>Hylla</b:Description><c:TaxCategory>
<c:ID>S</c:ID><b:Percent>25</b:Percent></c:TaxCategory><c:BasePrice><b:PriceAmount>99.85
</b:PriceAmount></c:BasePrice></c:Item></c:InvoiceLine></Invoice>"""
